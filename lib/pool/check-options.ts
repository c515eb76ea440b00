/** Options, checked where they are given: every wrong value is an OptionError that names it and says what is allowed. */
import { OptionError } from '../errors.js'
import { MAX_WORKERS } from '../scheduler/index.js'
import { availableCores, type Definition, type ThreadLimits } from '../workers/index.js'
import { checkBoolean, checkDuration, checkInteger, checkObject, wrong } from './checks.js'
import {
  type Bound,
  type CheckedCloseOptions,
  type CloseOptions,
  MIDDLE_BAND,
  type RunOptions,
  SUBMIT,
  type TaskOptions,
  UNBOUND,
} from './options.js'
import type { CheckedPoolOptions, PoolOptions } from './pool-options.js'
import { taskOf } from './task.js'

const TASK_KEYS = ['name', 'priority', 'idempotent', 'metadata', 'pool']
const RUN_KEYS = ['name', 'priority', 'idempotent', 'metadata', 'transfer']
const POOL_KEYS = [
  'name',
  'priority',
  'idempotent',
  'metadata',
  'threads',
  'minThreads',
  'maxThreads',
  'idleTimeout',
  'concurrentTasksPerWorker',
  'maxQueue',
  'overflow',
  'spin',
  'env',
  'execArgv',
  'resourceLimits',
  'workerData',
  'setup',
  'teardown',
  'logger',
  'loadTimeout',
  'createWorker',
]
const CLOSE_KEYS = ['timeout', 'cancelPending', 'force']

const DEFAULT_LOAD_TIMEOUT_MS = 30_000
const DEFAULT_CLOSE_TIMEOUT_MS = 30_000
/** About the price of waking a parked thread: cheaper to poll that long than to sleep and be woken. */
const DEFAULT_WORKER_SPIN_US = 50
const DEFAULT_HOST_SPIN_US = 20

/** @internal `options` on top of `base`. @throws OptionError */
export function bindTask(
  base: Bound,
  options: TaskOptions | undefined,
  where: string,
  more: readonly string[] = [],
): Bound {
  if (options === undefined) return base
  const keys = [...TASK_KEYS, ...more]
  checkObject(where, options, keys)
  const { pool } = options
  if (pool !== undefined && !(typeof pool === 'object' && pool !== null && SUBMIT in pool))
    throw wrong(`${where}: pool`, pool, 'a Pool')
  return { ...bindRun(base, options, where, keys), pool: pool ?? base.pool }
}

/** @internal */
export function bindRun(base: Bound, options: RunOptions | undefined, where: string, keys = RUN_KEYS): Bound {
  if (options === undefined) return base
  checkObject(where, options, keys)
  const { name, priority, idempotent, metadata } = options
  if (name !== undefined && typeof name !== 'string') throw wrong(`${where}: name`, name, 'a string')
  if (priority !== undefined && !(Number.isInteger(priority) && Math.abs(priority) <= MIDDLE_BAND))
    throw wrong(`${where}: priority`, priority, 'an integer from -3 to 3')
  checkBoolean(`${where}: idempotent`, idempotent)
  if (options.transfer !== undefined && !Array.isArray(options.transfer))
    throw wrong(`${where}: transfer`, options.transfer, 'an array')
  if (metadata !== undefined && (typeof metadata !== 'object' || metadata === null))
    throw wrong(`${where}: metadata`, metadata, 'an object')
  return {
    name: name ?? base.name,
    band: priority === undefined ? base.band : priority + MIDDLE_BAND,
    idempotent: idempotent ?? base.idempotent,
    metadata: metadata ?? base.metadata,
    pool: base.pool,
  }
}

const OVERFLOWS: readonly unknown[] = ['reject', 'drop-oldest', 'caller-runs']

/** @internal @throws OptionError */
export function checkPoolOptions(options: PoolOptions, defaultName: string): CheckedPoolOptions {
  const where = 'Pool'
  checkObject(where, options, POOL_KEYS)
  const { threads, minThreads, maxThreads, spin, workerData, env, execArgv, resourceLimits } = options
  if (options.name !== undefined && typeof options.name !== 'string')
    throw wrong('Pool: name', options.name, 'a string')
  const name = options.name ?? defaultName
  const cores = availableCores()
  const limits = checkThreads(where, { threads, minThreads, maxThreads }, undefined)
  checkDuration(`${where}: idleTimeout`, options.idleTimeout)
  const { maxQueue = Number.POSITIVE_INFINITY, overflow = 'reject', logger } = options
  if (maxQueue !== Number.POSITIVE_INFINITY) checkInteger(`${where}: maxQueue`, maxQueue, 0, Number.MAX_SAFE_INTEGER)
  if (!OVERFLOWS.includes(overflow)) throw wrong(`${where}: overflow`, overflow, 'reject, drop-oldest or caller-runs')
  checkLogger(logger)
  const setup = checkTask(`${where}: setup`, options.setup)
  const teardown = checkTask(`${where}: teardown`, options.teardown)
  const { priority, idempotent, metadata } = options
  const defaults = bindRun(UNBOUND, { priority, idempotent, metadata }, where)
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
  const { createWorker } = options
  checkCreateWorker(options)
  const { workerUs, hostUs } = checkSpin(spin, cores)
  checkEnvironment(env, resourceLimits)
  checkCloneable('workerData', workerData)
  const host = {
    name,
    ...limits,
    setup,
    teardown,
    idleTimeoutMs: options.idleTimeout ?? Number.POSITIVE_INFINITY,
    concurrentTasks: options.concurrentTasksPerWorker ?? 1,
    workerSpinMs: workerUs / 1000,
    hostSpinMs: hostUs / 1000,
    maxSearchers: Math.max(1, cores - 1),
    loadTimeoutMs: options.loadTimeout ?? DEFAULT_LOAD_TIMEOUT_MS,
    workerData,
    createWorker,
    worker: {
      name,
      ...(env === undefined ? {} : { env: env as Record<string, string> }),
      ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
      ...(resourceLimits === undefined ? {} : { resourceLimits: resourceLimits as object }),
    },
  }
  return { host, defaults, maxQueue, overflow, logger }
}

/** @internal How many threads a pool has at least and at most. `now`: what it has had. @throws OptionError */
export function checkThreads(
  where: string,
  size: Pick<PoolOptions, 'threads' | 'minThreads' | 'maxThreads'>,
  now: ThreadLimits | undefined,
): ThreadLimits {
  const { threads, minThreads, maxThreads } = size
  checkInteger(`${where}: threads`, threads, now === undefined ? 0 : 1, MAX_WORKERS)
  checkInteger(`${where}: minThreads`, minThreads, 0, MAX_WORKERS)
  checkInteger(`${where}: maxThreads`, maxThreads, 1, MAX_WORKERS)
  if (threads !== undefined && (minThreads !== undefined || maxThreads !== undefined))
    throw new OptionError(`${where}: threads excludes minThreads and maxThreads; give either the one or the others`)
  if (threads !== undefined) return { minThreads: threads, maxThreads: threads }
  const least = minThreads ?? Math.min(now?.minThreads ?? 1, maxThreads ?? MAX_WORKERS)
  const most = maxThreads ?? Math.max(least, now?.maxThreads ?? Math.min(availableCores(), MAX_WORKERS))
  if (least > most) throw new OptionError(`${where}: minThreads ${least} is more than maxThreads ${most}`)
  return { minThreads: least, maxThreads: most }
}

function checkTask(what: string, fn: unknown): Definition | undefined {
  return fn === undefined ? undefined : taskOf(fn, what).definition
}

function checkLogger(logger: unknown): void {
  if (logger === undefined) return
  if (typeof logger !== 'object' || logger === null) throw wrong('Pool: logger', logger, 'a logger')
  for (const level of ['debug', 'info', 'warn', 'error']) {
    const method: unknown = Reflect.get(logger, level)
    if (typeof method !== 'function') throw wrong(`Pool: logger.${level}`, method, 'a function')
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

function checkCreateWorker({ createWorker, env, execArgv, resourceLimits }: PoolOptions): void {
  if (createWorker === undefined) return
  if (typeof createWorker !== 'function') throw wrong('Pool: createWorker', createWorker, 'a function')
  for (const [key, value] of Object.entries({ env, execArgv, resourceLimits })) {
    if (value !== undefined)
      throw new OptionError(`Pool: createWorker excludes ${key}: give it to the Worker that createWorker makes`)
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
