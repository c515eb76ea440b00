/** @internal */
export { bindTask } from './check-options.js'
/** @internal */
export { wrong } from './checks.js'
export { closeOnSignal } from './close-on-signal.js'
export { configure, defaultPool, shutdown } from './default-pool.js'
/** @internal */
export { makeFunction, makeRemoteFunction } from './function.js'
export { handleOf, type TaskHandle, type TaskState } from './handle.js'
export type { HostLogger } from './lifecycle-log.js'
export { move, type Transferable } from './move.js'
export type {
  CloseOptions,
  CloseReport,
  Priority,
  RunOptions,
  TaskMetadata,
  TaskOptions,
  TaskPool,
} from './options.js'
/** @internal */
export { type Bound, UNBOUND } from './options.js'
export { Pool } from './pool.js'
export type { PoolEvents } from './pool-events.js'
export type { Overflow, PoolOptions, ResourceLimits, WorkerLike } from './pool-options.js'
export { registerError } from './register-error.js'
export {
  type BigIntArray,
  type NumberArray,
  type Shared,
  sharedArray,
  type TypedArray,
  toShared,
} from './shared-array.js'
export type { Histogram, PoolStats, WorkerStats } from './stats.js'
export type { AnyFunction, ParallelFunction, TaskRecord, TaskResult } from './task.js'
/** @internal */
export { REBIND } from './task.js'
export { type TaskInfo, type TaskTiming, taskInfo } from './task-info.js'
export { isWorker, workerData, workerId } from './thread.js'
