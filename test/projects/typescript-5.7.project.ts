import { testOnTypeScript } from './on-typescript.js'

testOnTypeScript('5.7.3')
