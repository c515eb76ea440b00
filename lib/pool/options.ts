/** Options, checked where they are given: every wrong value is an OptionError that names it and says what is allowed. */
import { OptionError } from '../errors.js'
import { MAX_WORKERS } from '../scheduler/index.js'
import { availableCores, type Definition, type HostOptions } from '../workers/index.js'

/** Higher runs first; 0 by default. */
export type Priority = -3 | -2 | -1 | 0 | 1 | 2 | 3

/** Free-form data that accompanies a task. Open for module augmentation. */
export interface TaskMetadata {
  readonly [key: string]: unknown
}

/** @internal Key of a pool's internal entrance: only a Pool has one. */
export const SUBMIT: unique symbol = Symbol('makeparallel.submit')

/** What only a Pool has. */
export const POOL: unique symbol = Symbol('makeparallel.pool')

/** Any Pool. */
export interface TaskPool {
  readonly [POOL]: true
  /** @internal */
  [SUBMIT](
    task: { readonly definition: Definition; readonly bound: Bound },
    args: readonly unknown[],
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
export type RunOptions = Omit<TaskOptions, 'pool'>

/** Limits of a worker's heap and stack, as in node:worker_threads. */
export interface ResourceLimits {
  readonly maxOldGenerationSizeMb?: number | undefined
  readonly maxYoungGenerationSizeMb?: number | undefined
  readonly codeRangeSizeMb?: number | undefined
  readonly stackSizeMb?: number | undefined
}

export interface PoolOptions {
  /** What errors and threads call the pool; default `pool-1`, `pool-2`, … */
  readonly name?: string | undefined
  /** Exactly this many threads: sets `minThreads` and `maxThreads`. 1 … 32. */
  readonly threads?: number | undefined
  /** Default 1. */
  readonly minThreads?: number | undefined
  /** Default: the cores this process may use, at most 32. The pool grows at once to what is waiting. */
  readonly maxThreads?: number | undefined
  /** Async tasks that a worker runs at a time; default 1. */
  readonly concurrentTasksPerWorker?: number | undefined
  /** How long to poll before sleeping, in µs. Default: worker 50, host 20; nothing on a single core. */
  readonly spin?: false | { readonly workerUs?: number | undefined; readonly hostUs?: number | undefined } | undefined
  readonly env?: { readonly [name: string]: string | undefined } | undefined
  readonly execArgv?: readonly string[] | undefined
  readonly resourceLimits?: ResourceLimits | undefined
  /** What `workerData` is in the workers; cloned. */
  readonly workerData?: unknown
  /** Longest evaluation of a task module in a worker, in ms; default 30,000. */
  readonly loadTimeout?: number | undefined
}

export interface CloseOptions {
  /** Longest wait for what is queued and running, in ms; default 30,000. */
  readonly timeout?: number | undefined
  /** Cancel what has not started instead of running it; default false. */
  readonly cancelPending?: boolean | undefined
  /** Terminate the workers that are still busy after `timeout`; default true. */
  readonly force?: boolean | undefined
}

/** @internal */
export interface CheckedCloseOptions {
  readonly timeout: number
  readonly cancelPending: boolean
  readonly force: boolean
}

const TASK_KEYS = ['name', 'priority', 'idempotent', 'metadata', 'pool']
const RUN_KEYS = ['name', 'priority', 'idempotent', 'metadata']
const POOL_KEYS = [
  'name',
  'threads',
  'minThreads',
  'maxThreads',
  'concurrentTasksPerWorker',
  'spin',
  'env',
  'execArgv',
  'resourceLimits',
  'workerData',
  'loadTimeout',
]
const CLOSE_KEYS = ['timeout', 'cancelPending', 'force']

/** Past this a timer fires at once; who passes more has passed a date. */
const MAX_DURATION_MS = 2 ** 31 - 1
const DEFAULT_LOAD_TIMEOUT_MS = 30_000
const DEFAULT_CLOSE_TIMEOUT_MS = 30_000
/** About the price of waking a parked thread: cheaper to poll that long than to sleep and be woken. */
const DEFAULT_WORKER_SPIN_US = 50
const DEFAULT_HOST_SPIN_US = 20

/** @internal Task options with nothing left to check on the hot path. */
export interface Bound {
  readonly name: string | undefined
  readonly band: number
  readonly idempotent: boolean
  readonly metadata: TaskMetadata
  readonly pool: TaskPool | undefined
}

const NO_METADATA: TaskMetadata = Object.freeze({})
/** Band of priority 0. */
const MIDDLE = 3
/** @internal */
export const UNBOUND: Bound = {
  name: undefined,
  band: MIDDLE,
  idempotent: false,
  metadata: NO_METADATA,
  pool: undefined,
}

/** @internal `options` on top of `base`. @throws OptionError */
export function bindTask(base: Bound, options: TaskOptions | undefined, where: string): Bound {
  if (options === undefined) return base
  checkObject(where, options, TASK_KEYS)
  const { pool } = options
  if (pool !== undefined && !(typeof pool === 'object' && pool !== null && SUBMIT in pool))
    throw wrong(`${where}: pool`, pool, 'a Pool')
  return { ...bindRun(base, options, where, TASK_KEYS), pool: pool ?? base.pool }
}

/** @internal */
export function bindRun(base: Bound, options: RunOptions | undefined, where: string, keys = RUN_KEYS): Bound {
  if (options === undefined) return base
  checkObject(where, options, keys)
  const { name, priority, idempotent, metadata } = options
  if (name !== undefined && typeof name !== 'string') throw wrong(`${where}: name`, name, 'a string')
  if (priority !== undefined && !(Number.isInteger(priority) && Math.abs(priority) <= MIDDLE))
    throw wrong(`${where}: priority`, priority, 'an integer from -3 to 3')
  checkBoolean(`${where}: idempotent`, idempotent)
  if (metadata !== undefined && (typeof metadata !== 'object' || metadata === null))
    throw wrong(`${where}: metadata`, metadata, 'an object')
  return {
    name: name ?? base.name,
    band: priority === undefined ? base.band : priority + MIDDLE,
    idempotent: idempotent ?? base.idempotent,
    metadata: metadata ?? base.metadata,
    pool: base.pool,
  }
}

/** @internal @throws OptionError */
export function checkPoolOptions(options: PoolOptions, defaultName: string): HostOptions {
  const where = 'Pool'
  checkObject(where, options, POOL_KEYS)
  const { threads, minThreads, maxThreads, spin, workerData, env, execArgv, resourceLimits } = options
  if (options.name !== undefined && typeof options.name !== 'string')
    throw wrong('Pool: name', options.name, 'a string')
  const name = options.name ?? defaultName
  const cores = availableCores()
  const count = (key: string, value: number | undefined): void =>
    checkInteger(`${where}: ${key}`, value, 1, MAX_WORKERS)
  count('threads', threads)
  count('minThreads', minThreads)
  count('maxThreads', maxThreads)
  if (threads !== undefined && (minThreads !== undefined || maxThreads !== undefined))
    throw new OptionError('Pool: threads excludes minThreads and maxThreads; give either the one or the others')
  const most = threads ?? maxThreads ?? Math.max(minThreads ?? 1, Math.min(cores, MAX_WORKERS))
  const least = threads ?? minThreads ?? 1
  if (least > most) throw new OptionError(`Pool: minThreads ${least} is more than maxThreads ${most}`)
  checkInteger(`${where}: concurrentTasksPerWorker`, options.concurrentTasksPerWorker, 1, 1_000_000)
  checkDuration(`${where}: loadTimeout`, options.loadTimeout)
  if (execArgv !== undefined && !(Array.isArray(execArgv) && execArgv.every((a) => typeof a === 'string')))
    throw wrong('Pool: execArgv', execArgv, 'an array of strings')
  for (const [key, value] of [
    ['env', env],
    ['resourceLimits', resourceLimits],
  ] as const) {
    if (value !== undefined && (typeof value !== 'object' || value === null))
      throw wrong(`Pool: ${key}`, value, 'an object')
  }
  const { workerUs, hostUs } = checkSpin(spin, cores)
  checkEnvironment(env, resourceLimits)
  checkCloneable('workerData', workerData)
  return {
    name,
    minThreads: least,
    maxThreads: most,
    concurrentTasks: options.concurrentTasksPerWorker ?? 1,
    workerSpinMs: workerUs / 1000,
    hostSpinMs: hostUs / 1000,
    maxSearchers: Math.max(1, cores - 1),
    loadTimeoutMs: options.loadTimeout ?? DEFAULT_LOAD_TIMEOUT_MS,
    workerData,
    worker: {
      name,
      ...(env === undefined ? {} : { env: env as Record<string, string> }),
      ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
      ...(resourceLimits === undefined ? {} : { resourceLimits: resourceLimits as object }),
    },
  }
}

/** Whatever `new Worker` would refuse, refused here. */
function checkEnvironment(env: unknown, resourceLimits: unknown): void {
  for (const [key, value] of Object.entries((env as object) ?? {})) {
    if (value !== undefined && typeof value !== 'string') throw wrong(`Pool: env.${key}`, value, 'a string')
  }
  const known = ['maxOldGenerationSizeMb', 'maxYoungGenerationSizeMb', 'codeRangeSizeMb', 'stackSizeMb']
  if (resourceLimits !== undefined) checkObject('Pool: resourceLimits', resourceLimits, known)
  for (const [key, value] of Object.entries((resourceLimits as object) ?? {})) {
    if (value !== undefined && !(typeof value === 'number' && value > 0))
      throw wrong(`Pool: resourceLimits.${key}`, value, 'megabytes, more than 0')
  }
}

function checkCloneable(key: string, value: unknown): void {
  try {
    structuredClone(value)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new OptionError(`Pool: ${key} cannot be cloned for the workers: ${why}`, { cause })
  }
}

function checkSpin(spin: PoolOptions['spin'], cores: number): { workerUs: number; hostUs: number } {
  if (spin === false || (spin === undefined && cores === 1)) return { workerUs: 0, hostUs: 0 }
  if (spin === undefined) return { workerUs: DEFAULT_WORKER_SPIN_US, hostUs: DEFAULT_HOST_SPIN_US }
  checkObject('Pool: spin', spin, ['workerUs', 'hostUs'])
  const { workerUs = DEFAULT_WORKER_SPIN_US, hostUs = DEFAULT_HOST_SPIN_US } = spin
  for (const [key, value] of [
    ['workerUs', workerUs],
    ['hostUs', hostUs],
  ] as const) {
    if (typeof value !== 'number' || !(value >= 0 && value <= 1e6))
      throw wrong(`Pool: spin.${key}`, value, 'µs from 0 to 1,000,000')
  }
  return { workerUs, hostUs }
}

/** @internal @throws OptionError */
export function checkCloseOptions(options: CloseOptions | undefined): CheckedCloseOptions {
  if (options !== undefined) checkObject('close', options, CLOSE_KEYS)
  checkDuration('close: timeout', options?.timeout)
  checkBoolean('close: cancelPending', options?.cancelPending)
  checkBoolean('close: force', options?.force)
  return {
    timeout: options?.timeout ?? DEFAULT_CLOSE_TIMEOUT_MS,
    cancelPending: options?.cancelPending ?? false,
    force: options?.force ?? true,
  }
}

/** @internal Milliseconds from 0 to 2^31 - 1, or Infinity. @throws OptionError */
export function checkDuration(what: string, value: unknown): void {
  if (value === undefined || value === Number.POSITIVE_INFINITY) return
  if (typeof value !== 'number' || !(value >= 0)) throw wrong(what, value, 'milliseconds, 0 or more, or Infinity')
  if (value > MAX_DURATION_MS)
    throw new OptionError(
      `${what} is a duration in milliseconds, at most 2^31 - 1 or Infinity, not ${value}` +
        (value > 1e11 ? ': that looks like a date. Pass the time that is left.' : '.'),
    )
}

/** @internal */
export function wrong(what: string, value: unknown, allowed: string): OptionError {
  return new OptionError(`${what} must be ${allowed}, not ${show(value)}`)
}

function checkBoolean(what: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'boolean') throw wrong(what, value, 'true or false')
}

function checkInteger(what: string, value: unknown, least: number, most: number): void {
  if (value === undefined) return
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most)
    throw wrong(what, value, `an integer from ${least} to ${most}`)
}

function checkObject(where: string, options: unknown, keys: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw wrong(`${where}: options`, options, 'an object')
  for (const key of Object.keys(options)) {
    if (!keys.includes(key))
      throw new OptionError(`${where}: there is no option "${key}"; there are ${keys.join(', ')}`)
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return `the function ${value.name || 'anonymous'}`
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value) ? 'an array' : `a ${value.constructor?.name ?? 'null-prototype object'}`
  return String(value)
}
