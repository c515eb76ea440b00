/** The options of pools. What is allowed: check-options.ts. */
import type { HostOptions } from '../workers/index.js'
import type { HostLogger } from './lifecycle-log.js'
import type { Bound, TaskOptions } from './options.js'
import type { ParallelFunction } from './task.js'

/** Limits of a worker's heap and stack, as in node:worker_threads. */
export interface ResourceLimits {
  readonly maxOldGenerationSizeMb?: number | undefined
  readonly maxYoungGenerationSizeMb?: number | undefined
  readonly codeRangeSizeMb?: number | undefined
  readonly stackSizeMb?: number | undefined
}

/** What becomes of a call that finds the queue full. */
export type Overflow = 'reject' | 'drop-oldest' | 'caller-runs'

/** What `createWorker` returns: a Worker of node:worker_threads, or what behaves like one. */
export interface WorkerLike {
  postMessage(value: unknown, transfer?: readonly any[]): void
  terminate(): unknown
}

/** Task options given here are the defaults of the calls on this pool. */
export interface PoolOptions extends Omit<TaskOptions, 'pool' | 'name'> {
  /** What errors and threads call the pool; default `pool-1`, `pool-2`, … */
  readonly name?: string | undefined
  /**
   * Exactly this many threads: sets `minThreads` and `maxThreads`. 0 … 32. 0: tasks run on the thread that calls them, with
   * copied values and in later turns of the event loop as ever, for debuggers and tests.
   */
  readonly threads?: number | undefined
  /** Threads that stay when there is nothing to do; default 1, or 0 … 32. */
  readonly minThreads?: number | undefined
  /** Default: the cores this process may use, at most 32. The pool grows at once to what is waiting. */
  readonly maxThreads?: number | undefined
  /** Threads above `minThreads` that have slept for this long leave, in ms; default Infinity: threads are persistent. */
  readonly idleTimeout?: number | undefined
  /** Async tasks that a worker runs at a time; default 1. */
  readonly concurrentTasksPerWorker?: number | undefined
  /**
   * Calls that may wait, beyond those that run (`maxThreads` × `concurrentTasksPerWorker`); default Infinity. A call that
   * finds the queue full is treated as `overflow` says.
   */
  readonly maxQueue?: number | undefined
  /**
   * `reject` (default): the call rejects with a QueueFullError. `drop-oldest`: the call that has waited longest does.
   * `caller-runs`: the task runs at once, on the thread that calls.
   */
  readonly overflow?: Overflow | undefined
  /** How long to poll before sleeping, in µs. Default: worker 50, host 20; nothing on a single core. */
  readonly spin?: false | { readonly workerUs?: number | undefined; readonly hostUs?: number | undefined } | undefined
  readonly env?: { readonly [name: string]: string | undefined } | undefined
  readonly execArgv?: readonly string[] | undefined
  readonly resourceLimits?: ResourceLimits | undefined
  /** What `workerData` is in the workers; cloned. */
  readonly workerData?: unknown
  /** A task that runs in each worker before any other; a worker whose setup fails does not start. */
  readonly setup?: ParallelFunction<() => unknown> | undefined
  /** A task that runs in each worker after its last one: when it leaves, or when the pool closes in time. */
  readonly teardown?: ParallelFunction<() => unknown> | undefined
  /** Hears of workers that start, die and leave, of errors and of the end. Any pino-like logger, or console. */
  readonly logger?: HostLogger | undefined
  /**
   * For bundlers and embedders: makes a Worker, in the call, whose entry calls `serve()` of `makeparallel/worker`. Its
   * environment, arguments and limits are given where it is made.
   */
  readonly createWorker?: (() => WorkerLike) | undefined
  /**
   * Longest evaluation of a task module in a worker, longest `setup` and `teardown`, and longest time until a new worker's entry has handed
   * its thread over, in ms; default 30,000.
   */
  readonly loadTimeout?: number | undefined
}

/** @internal The options of a pool, checked, and its host's. */
export interface CheckedPoolOptions {
  readonly host: HostOptions
  readonly defaults: Bound
  readonly maxQueue: number
  readonly overflow: Overflow
  readonly logger: HostLogger | undefined
}
