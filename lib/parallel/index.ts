export { type NotAFunction, parallel, type Tasks, type TaskSource } from './parallel.js'
