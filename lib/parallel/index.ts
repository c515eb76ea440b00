export { type NotAFunction, parallel, type TaskSource, type Tasks } from './parallel.js'
