import { testOnTypeScript } from './on-typescript.js'

testOnTypeScript('6.0.3')
