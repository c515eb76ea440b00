/**
 * The handle of a call: a native promise that also knows its task.
 *
 * It *is* a Promise, so `await` costs what a promise costs, `unhandledRejection` has the timing of native promises, and
 * async stack traces work. Its `constructor` reads as Promise: then `await` takes it as it is, without the extra job
 * that a subclass costs, and `then` gives plain promises.
 */
import { OptionError, ShutdownError, TaskCancelledError, TaskTimeoutError, WorkerStartError } from '../errors.js'
import { type Arguments, type Call, inThisContext, NOT_PLACED, TICKS_PER_MS, ticks } from '../workers/index.js'
import { checkDuration, wrong } from './checks.js'
import { appendCaller, rejectTraced } from './frames.js'
import type { TaskMetadata } from './options.js'
import type { Site } from './site.js'
import { noteTask, type TaskTiming } from './task-info.js'

export type TaskState = 'queued' | 'running' | 'ok' | 'failed' | 'cancelled' | 'timedOut' | 'lost'

/** What a call of a parallel function returns. */
export interface TaskHandle<out T> extends Promise<T>, Disposable {
  /** Unique in this thread. */
  readonly id: number
  readonly name: string
  readonly state: TaskState
  /** The worker that ran it, once it has settled. */
  readonly workerId: number | undefined
  /** 1, or more for an idempotent task whose worker was lost. */
  readonly attempt: number
  readonly metadata: TaskMetadata
  readonly timing: TaskTiming
  readonly isSettled: boolean
  /** The value, or undefined while pending. @throws what the task threw */
  tryGet(): T | undefined
  /**
   * Blocks this thread until the task has settled. On the host, deaths and the deadline are still noticed; in a task,
   * it helps: runs the awaited child itself, or others of its own.
   * @param timeout in ms, default Infinity
   * @throws TaskTimeoutError `ERR_PARALLEL_TIMEOUT` with limit 'get'; SyncWaitError where it would wait for ever
   */
  get(timeout?: number): T
  /** As `get`, but returns whether the task has settled. */
  wait(timeout?: number): boolean
  /** Cancels a task that has not started. True if this call did. */
  cancel(reason?: unknown): boolean
  /** Called once with the value, always in a later microtask. */
  onComplete(callback: (value: T, handle: TaskHandle<T>) => void): this
  /** Called once with the error, always in a later microtask. */
  onError(callback: (error: unknown, handle: TaskHandle<T>) => void): this
  /** The same as cancel(). */
  [Symbol.dispose](): void
}

const PENDING = 0
const OK = 1
const FAILED = 2
const CANCELLED = 3
const LOST = 4
const STATE_NAMES: readonly TaskState[] = ['queued', 'ok', 'failed', 'cancelled', 'lost']

type Callback = (value: unknown, handle: Handle) => void

let nextId = 1
// The executor of the promise that is being made; read right after, by the constructor.
let settleOk: (value: unknown) => void
let settleError: (error: unknown) => void
const capture = (resolve: (value: unknown) => void, reject: (error: unknown) => void): void => {
  settleOk = resolve
  settleError = reject
}
/** A settled call holds its arguments no longer. */
const NONE: Arguments = []
const ignore = (): void => {}

/** @internal */
export class Handle extends Promise<unknown> implements Call {
  readonly id: number
  readonly site: Site
  args: Arguments
  slot = NOT_PLACED
  attempt = 1
  executor = 0
  submittedMs: number
  waitTicks = -1
  runTicks = -1
  readonly #resolve: (value: unknown) => void
  readonly #reject: (error: unknown) => void
  #status = PENDING
  #outcome: unknown
  #callbacks: Callback[] | undefined

  constructor(site: Site, args: Arguments, nowMs: number) {
    super(capture)
    this.#resolve = settleOk
    this.#reject = settleError
    this.id = nextId++
    this.site = site
    this.args = args
    this.submittedMs = nowMs
  }

  get name(): string {
    return this.site.name
  }
  get metadata(): TaskMetadata {
    return this.site.metadata
  }
  get workerId(): number | undefined {
    return this.executor === 0 ? undefined : this.executor
  }
  get isSettled(): boolean {
    return this.#status !== PENDING
  }
  get state(): TaskState {
    if (this.#status === PENDING && !this.site.waiter.isQueued(this)) return 'running'
    return STATE_NAMES[this.#status] as TaskState
  }

  get timing(): TaskTiming {
    const elapsedMs = this.site.waiter.now() - this.submittedMs
    const queuedMs = this.waitTicks < 0 ? Math.max(0, elapsedMs) : this.waitTicks / TICKS_PER_MS
    const runMs = this.runTicks < 0 ? Math.max(0, elapsedMs - queuedMs) : this.runTicks / TICKS_PER_MS
    return { queuedMs, runMs, totalMs: queuedMs + runMs }
  }

  // ---- Call: what the submitter reports, once

  succeed(value: unknown): void {
    this.#status = OK
    this.#outcome = value
    this.args = NONE
    this.#resolve(value)
    if (this.#callbacks !== undefined) this.#announce()
  }

  fail(error: unknown): void {
    this.#settleFailed(FAILED, error)
    // That workers cannot start is one error of all calls.
    if (error instanceof WorkerStartError) this.#reject(error)
    else rejectTraced(error, this.#resolve, this.#reject)
  }

  /** It was never made: the caller stands on the stack of the error. */
  refuse(error: unknown): void {
    this.#settleFailed(FAILED, error)
    this.#reject(error)
  }

  lose(error: Error): void {
    // When it started is known only to the dead: all of it counts as waiting.
    this.#neverRan()
    this.#settleFailed(LOST, error)
    rejectTraced(error, this.#resolve, this.#reject)
  }

  /** The pool closed before it started: nobody has to handle that. */
  withdraw(error: Error): void {
    this.#neverRan()
    this.#settleFailed(CANCELLED, error)
    this.#reject(error)
    this.#observe()
  }

  // ---- TaskHandle

  tryGet(): unknown {
    if (this.#status === PENDING) return undefined
    return this.#valueFor(this.tryGet)
  }

  get(timeout?: number): unknown {
    if (!this.wait(timeout)) {
      throw new TaskTimeoutError(
        `task "${this.name}" has not settled within the ${timeout} ms that get() was given`,
        'get',
      )
    }
    return this.#valueFor(this.get)
  }

  wait(timeout?: number): boolean {
    checkDuration('timeout', timeout)
    if (this.#status !== PENDING) return true
    const deadline = timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeout
    return this.site.waiter.block(this, () => this.#status !== PENDING, deadline)
  }

  cancel(reason?: unknown): boolean {
    if (this.#status !== PENDING || !this.site.waiter.cancel(this)) return false
    const why = reason instanceof Error ? `: ${reason.message}` : reason === undefined ? '' : `: ${String(reason)}`
    this.withdraw(
      new TaskCancelledError(`task "${this.name}" was cancelled before it started${why}`, { cause: reason }),
    )
    return true
  }

  onComplete(callback: Callback): this {
    const bound = inThisContext(callback)
    if (this.#callbacks !== undefined) this.#callbacks.push(bound)
    else {
      this.#callbacks = [bound]
      if (this.#status === OK) this.#announce()
    }
    return this
  }

  onError(callback: Callback): this {
    void this.then(undefined, (error: unknown) => this.#call(callback, error))
    return this
  }

  /** Takes it out of a full queue. False when it has started. */
  drop(error: Error): boolean {
    if (this.#status !== PENDING || !this.site.waiter.cancel(this)) return false
    this.withdraw(error)
    return true
  }

  [Symbol.dispose](): void {
    this.cancel()
  }

  /** What is printed of it. */
  get description(): object {
    const { id, name, state, workerId } = this
    return { TaskHandle: name, id, state, ...(workerId === undefined ? {} : { workerId }) }
  }

  [Symbol.for('nodejs.util.inspect.custom')](): object {
    return this.description
  }

  /** The value, or why there is none; undefined while pending. */
  protected get outcome(): unknown {
    return this.#outcome
  }

  #valueFor(caller: (timeout?: number) => unknown): unknown {
    if (this.#status === OK) return this.#outcome
    this.#observe()
    appendCaller(this.#outcome, caller)
    throw this.#outcome
  }

  #neverRan(): void {
    this.waitTicks = ticks(this.site.waiter.now() - this.submittedMs)
    this.runTicks = 0
  }

  #settleFailed(status: number, error: unknown): void {
    this.#status = status
    this.#outcome = error
    this.args = NONE
    noteTask(error, this)
  }

  /** Whoever gets the error from us has observed the failure: no unhandledRejection. */
  #observe(): void {
    void this.then(undefined, ignore)
  }

  #announce(): void {
    void Promise.resolve().then(() => {
      const callbacks = this.#callbacks ?? []
      this.#callbacks = undefined
      for (const callback of callbacks) this.#call(callback, this.#outcome)
    })
  }

  #call(callback: Callback, value: unknown): void {
    try {
      callback(value, this)
    } catch (error) {
      this.site.onCallbackError(error)
    }
  }
}

/** By this key the handles of every copy of the library are known. */
const HANDLE = Symbol.for('makeparallel.handle')
Object.defineProperty(Handle.prototype, HANDLE, { value: true })
Object.defineProperty(Handle.prototype, 'constructor', { value: Promise, configurable: true, writable: true })

/**
 * The handle behind a promise-typed call: of a decorated method, or through an interface that says Promise.
 * @throws OptionError `ERR_PARALLEL_OPTION`, which is a TypeError, for any other promise
 * @example
 * handleOf(Image.blur(pixels)).cancel()
 */
export function handleOf<T>(promise: PromiseLike<T>): TaskHandle<T> {
  if (typeof promise === 'object' && promise !== null && HANDLE in promise) return promise as unknown as TaskHandle<T>
  if (!(promise instanceof Promise)) throw wrong('handleOf: promise', promise, 'what a call of a task returned')
  throw new OptionError(
    'handleOf: this promise is not the one that a call of a task returned. then(), async functions and Promise.all make ' +
      'new ones: ask for the handle before.',
  )
}

/** @internal The handle of a call that was never made: it failed at once. */
export function refused(site: Site, error: unknown): Handle {
  const handle = new Handle(site, [], site.waiter.now())
  if (error instanceof ShutdownError) handle.withdraw(error)
  else handle.refuse(error)
  return handle
}
