/**
 * Every error class of the library: a stable code, the values involved in the message, and the way out.
 *
 * `instanceof` works across copies of the library in one process: an error of any copy carries the code of its class under
 * a registered symbol, and a class of the library takes the errors that carry its own. A user's subclass takes its own
 * instances alone, as ever.
 */
const BRAND = Symbol.for('makeparallel.error')

/** Fixed, for minifiers and compilers rename classes. */
const NAMES: Readonly<Record<string, string>> = {
  ERR_PARALLEL_TIMEOUT: 'TimeoutError',
  ERR_PARALLEL_CANCELLED: 'AbortError',
  ERR_PARALLEL_WORKER_LOST: 'WorkerLostError',
  ERR_PARALLEL_WORKER_START: 'WorkerStartError',
  ERR_PARALLEL_QUEUE_FULL: 'QueueFullError',
  ERR_PARALLEL_SHUTDOWN: 'ShutdownError',
  ERR_PARALLEL_PAYLOAD: 'PayloadError',
  ERR_PARALLEL_TASK_NOT_FOUND: 'TaskNotFoundError',
  ERR_PARALLEL_TASK_LOAD: 'TaskLoadError',
  ERR_PARALLEL_CLOSURE: 'InlineClosureError',
  ERR_PARALLEL_SYNC_WAIT: 'SyncWaitError',
  ERR_PARALLEL_LAYOUT: 'LayoutError',
  ERR_PARALLEL_OPTION: 'OptionError',
}

interface ErrorClass {
  readonly prototype: object
  /** Of the library's classes alone; a subclass inherits it, and doesn't own it. */
  readonly CODE?: string
  readonly name: string
}

/** @internal The code of the library's class that an error is of, whichever copy has made it; or undefined. */
export function brandOf(value: unknown): string | undefined {
  const brand = typeof value === 'object' && value !== null ? Reflect.get(value, BRAND) : undefined
  return typeof brand === 'string' ? brand : undefined
}

function isOf(type: ErrorClass, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Object.prototype.isPrototypeOf.call(type.prototype, value)) return true
  const brand = brandOf(value)
  if (brand === undefined) return false
  return Object.hasOwn(type, 'CODE') ? brand === type.CODE : type.prototype === ParallelError.prototype
}

/** Non-enumerable, as on built-in errors: the name is not one of the error's own values. */
function nameIt(error: Error, type: ErrorClass): void {
  const fixed = Object.hasOwn(type, 'CODE') ? NAMES[type.CODE ?? ''] : undefined
  Object.defineProperty(error, 'name', { value: fixed ?? type.name, configurable: true, writable: true })
}

/** What the library's errors have in common. OptionError is one by `instanceof`, though it extends TypeError. */
export abstract class ParallelError extends Error {
  abstract readonly code: `ERR_PARALLEL_${string}`

  static override [Symbol.hasInstance](this: ErrorClass, value: unknown): boolean {
    return isOf(this, value)
  }

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    nameIt(this, new.target)
  }
}

/** A limit in time was reached. `limit` says which one. */
export class TaskTimeoutError extends ParallelError {
  static readonly CODE = 'ERR_PARALLEL_TIMEOUT'
  declare readonly name: 'TimeoutError'
  readonly code = TaskTimeoutError.CODE
  readonly limit: 'timeout' | 'queueTimeout' | 'totalTimeout' | 'gather' | 'get'

  constructor(message: string, limit: TaskTimeoutError['limit'], options?: ErrorOptions) {
    super(message, options)
    this.limit = limit
  }
}

/** The task was cancelled; `cause` is the reason that was given. */
export class TaskCancelledError extends ParallelError {
  static readonly CODE = 'ERR_PARALLEL_CANCELLED'
  declare readonly name: 'AbortError'
  readonly code = TaskCancelledError.CODE
}

/** The worker died while it ran this task. `cause` is what killed it, where that is known. */
export class WorkerLostError extends ParallelError {
  static readonly CODE = 'ERR_PARALLEL_WORKER_LOST'
  readonly code = WorkerLostError.CODE
  readonly exitCode: number | undefined

  constructor(message: string, exitCode: number | undefined, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCode
  }
}

/** Workers die before they run anything: a wrong `execArgv`, a broken `setup`, no memory. */
export class WorkerStartError extends ParallelError {
  static readonly CODE = 'ERR_PARALLEL_WORKER_START'
  readonly code = WorkerStartError.CODE
}

/** The queue of the pool is full; `capacity` is its `maxQueue`, `queued` what waits in it. */
export class QueueFullError extends ParallelError {
  static readonly CODE = 'ERR_PARALLEL_QUEUE_FULL'
  readonly code = QueueFullError.CODE
  readonly capacity: number
  readonly queued: number

  constructor(message: string, values: { readonly capacity: number; readonly queued: number }) {
    super(message)
    this.capacity = values.capacity
    this.queued = values.queued
  }
}

/** The pool is closing or closed. */
export class ShutdownError extends ParallelError {
  static readonly CODE = 'ERR_PARALLEL_SHUTDOWN'
  readonly code = ShutdownError.CODE
}

/** A value that cannot travel. The message names its path, for instance `args[0].options.onTick`. */
export class PayloadError extends ParallelError {
  static readonly CODE = 'ERR_PARALLEL_PAYLOAD'
  readonly code = PayloadError.CODE
}

/** The worker has the module, but no such task in it, or another function under the same name. */
export class TaskNotFoundError extends ParallelError {
  static readonly CODE = 'ERR_PARALLEL_TASK_NOT_FOUND'
  readonly code = TaskNotFoundError.CODE
}

/** A task module cannot be evaluated in a worker: missing, throwing, or not finished within `loadTimeout`. */
export class TaskLoadError extends ParallelError {
  static readonly CODE = 'ERR_PARALLEL_TASK_LOAD'
  readonly code = TaskLoadError.CODE
}

/** An inline function uses a variable that does not travel with its source text. */
export class InlineClosureError extends ParallelError {
  static readonly CODE = 'ERR_PARALLEL_CLOSURE'
  readonly code = InlineClosureError.CODE
  readonly variable: string

  constructor(message: string, variable: string, options?: ErrorOptions) {
    super(message, options)
    this.variable = variable
  }
}

/** A synchronous wait for something that needs this thread's own event loop. */
export class SyncWaitError extends ParallelError {
  static readonly CODE = 'ERR_PARALLEL_SYNC_WAIT'
  readonly code = SyncWaitError.CODE
}

/** A region of shared memory that is not what it is opened as. */
export class LayoutError extends ParallelError {
  static readonly CODE = 'ERR_PARALLEL_LAYOUT'
  readonly code = LayoutError.CODE
  readonly expected: number
  readonly found: number

  constructor(problem: string, values: { readonly expected: number; readonly found: number }) {
    super(`${problem}: expected ${values.expected}, found ${values.found}`)
    this.expected = values.expected
    this.found = values.found
  }
}

/** A wrong argument or option. The message names it, the value, and what is allowed. */
export class OptionError extends TypeError {
  static readonly CODE = 'ERR_PARALLEL_OPTION'
  readonly code = OptionError.CODE

  static override [Symbol.hasInstance](this: ErrorClass, value: unknown): boolean {
    return isOf(this, value)
  }

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    nameIt(this, new.target)
  }
}

for (const type of [
  TaskTimeoutError,
  TaskCancelledError,
  WorkerLostError,
  WorkerStartError,
  QueueFullError,
  ShutdownError,
  PayloadError,
  TaskNotFoundError,
  TaskLoadError,
  InlineClosureError,
  SyncWaitError,
  LayoutError,
  OptionError,
])
  Object.defineProperty(type.prototype, BRAND, { value: type.CODE })
