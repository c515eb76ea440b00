export { configure, defaultPool, shutdown } from './default-pool.js'
export { makeFunction } from './function.js'
export type { TaskHandle, TaskState, TaskTiming } from './handle.js'
export {
  bindTask,
  type CloseOptions,
  type PoolOptions,
  type Priority,
  type ResourceLimits,
  type RunOptions,
  type TaskMetadata,
  type TaskOptions,
  UNBOUND,
  wrong,
} from './options.js'
export { type CloseReport, type Histogram, Pool, type PoolEvents, type PoolStats } from './pool.js'
export { type AnyFunction, type ParallelFunction, taskOf } from './task.js'
