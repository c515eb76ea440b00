/** The options of tasks, of single calls and of closing. What is allowed: check-options.ts. */
import { type Definition, PROTOCOL } from '../workers/index.js'
import type { Transferable } from './move.js'

declare global {
  /** For applications that know neither Node's types nor the browser's; where there are such, this adds nothing. */
  interface AbortSignal {}
}

/** Higher runs first; 0 by default. */
export type Priority = -3 | -2 | -1 | 0 | 1 | 2 | 3

/** Free-form data that accompanies a task. Open for module augmentation. */
export interface TaskMetadata {
  readonly [key: string]: unknown
}

/** @internal Key of a pool's internal entrance: only a Pool has one, of whichever copy of the library. */
export const SUBMIT: unique symbol = Symbol.for(`makeparallel.submit.${PROTOCOL}`)

/** What only a Pool has. */
export const POOL: unique symbol = Symbol.for(`makeparallel.pool.${PROTOCOL}`)

/** Any Pool. */
export interface TaskPool {
  readonly [POOL]: true
  /** @internal */
  [SUBMIT](
    task: { readonly definition: Definition; readonly bound: Bound },
    args: readonly unknown[],
    transfer?: readonly unknown[],
  ): PromiseLike<unknown>
}

export interface TaskOptions {
  /** What errors call the task; default: the function's name. */
  readonly name?: string | undefined
  /** -3 … 3, higher first, default 0. Among what workers can see, tasks are claimed by priority, then by age. */
  readonly priority?: Priority | undefined
  /** The task may run again when its worker is lost while running it; default false. At most 3 attempts. */
  readonly idempotent?: boolean | undefined
  readonly metadata?: TaskMetadata | undefined
  /** The pool that runs it; default: the default pool. */
  readonly pool?: TaskPool | undefined
}

/** One call: what must not be bound to a function that may be called twice. */
export interface RunOptions extends Omit<TaskOptions, 'pool'> {
  /** What is moved, not copied: as the transfer list of `postMessage`. Its objects are detached here by the call. */
  readonly transfer?: readonly Transferable[] | undefined
}

export interface CloseOptions {
  /** Longest wait for what is queued and running, in ms; default 30,000. */
  readonly timeout?: number | undefined
  /** Cancel what has not started instead of running it; default false. */
  readonly cancelPending?: boolean | undefined
  /** Terminate the workers that are still busy after `timeout`; default true. */
  readonly force?: boolean | undefined
}

/** How a close went. */
export interface CloseReport {
  /** Everything that was queued or running has settled by itself. */
  readonly clean: boolean
  /** Tasks that completed while closing. */
  readonly completed: number
  /** Tasks that never started. */
  readonly cancelled: number
  /** Tasks whose worker was terminated. */
  readonly terminated: number
}

/** @internal */
export interface CheckedCloseOptions {
  readonly timeout: number
  readonly cancelPending: boolean
  readonly force: boolean
}

/** @internal Task options with nothing left to check on the hot path. */
export interface Bound {
  readonly name: string | undefined
  readonly band: number | undefined
  readonly idempotent: boolean | undefined
  readonly metadata: TaskMetadata | undefined
  readonly pool: TaskPool | undefined
}

/** @internal */
export const NO_METADATA: TaskMetadata = Object.freeze({})
/** @internal Band of priority 0. */
export const MIDDLE_BAND = 3
/** @internal */
export const UNBOUND: Bound = {
  name: undefined,
  band: undefined,
  idempotent: undefined,
  metadata: undefined,
  pool: undefined,
}
