export { importTasks, type RemoteTasks } from './import-tasks.js'
export type { ParallelMethodDecorator } from './method.js'
export { type DefineOptions, type NotAFunction, parallel, type Tasks } from './parallel.js'
export type { TaskSource } from './source.js'
