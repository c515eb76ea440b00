import { testOnTypeScript } from './on-typescript.js'

testOnTypeScript('7.0.2')
