import { testOnTypeScript } from './on-typescript.js'

testOnTypeScript('5.9.3')
