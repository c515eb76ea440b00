export { configure, defaultPool, shutdown } from './default-pool.js'
/** @internal */
export { makeFunction } from './function.js'
export type { TaskHandle, TaskState, TaskTiming } from './handle.js'
export type {
  CloseOptions,
  PoolOptions,
  Priority,
  ResourceLimits,
  RunOptions,
  TaskMetadata,
  TaskOptions,
  TaskPool,
} from './options.js'
/** @internal */
export { bindTask, UNBOUND, wrong } from './options.js'
export { type CloseReport, type Histogram, Pool, type PoolEvents, type PoolStats, type WorkerStats } from './pool.js'
export type { AnyFunction, ParallelFunction } from './task.js'
export { isWorker, workerData, workerId } from './thread.js'
