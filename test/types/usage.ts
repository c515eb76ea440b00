// Only has to compile: what users write, the types that they get, and what the types forbid.
import {
  closeOnSignal,
  configure,
  defaultPool,
  type HostLogger,
  OptionError,
  ParallelError,
  type ParallelFunction,
  Pool,
  type PoolOptions,
  type Priority,
  parallel,
  registerError,
  shutdown,
  type TaskHandle,
  type TaskOptions,
  type TaskResult,
  TaskTimeoutError,
  taskInfo,
  WorkerLostError,
} from '../../lib/index.js'
import { holds, type Same } from './same.js'
import {
  child,
  compare,
  fib,
  firstOf,
  isOdd,
  load,
  measure,
  nothing,
  type Photo,
  parsed,
  photo,
  rows,
  spread,
  tally,
  walk,
} from './tasks.js'

interface Loose {
  path: string
  quality: number
  tags: string[]
}

// Calls: the arguments and the awaited result of the function.
const handle = fib(35)
holds<Same<typeof handle, TaskHandle<number>>>()
const value = await handle
holds<Same<typeof value, number>>()
const counts = await tally(new Uint8Array(4))
holds<Same<typeof counts, Uint32Array>>()
const shot = await photo('a.jpg')
holds<Same<typeof shot, Loose>>()
shot satisfies Photo
await photo('a.jpg', 1, 'x', 'y')
const length = await measure('text')
holds<Same<typeof length, number>>()
const none = await nothing()
holds<Same<typeof none, void>>()
const nested = await child(1)
holds<Same<typeof nested, Loose>>()
const walked = await walk([1])
holds<Same<typeof walked, number[]>>()
await spread(30)
await isOdd(3)
await rows(0, 3, new Float64Array(3), 2)
await compare(1, 2)
// @ts-expect-error a quality is a number
await photo('a.jpg', 'b')
// @ts-expect-error the path is missing
await photo()
// @ts-expect-error there is nothing to pass
nothing(1)
// @ts-expect-error a handle is no argument: it is awaited first
fib(fib(3))

// Generics and overloads are lost in a call, and kept by `local`.
const unknownFirst = await firstOf([1, 2])
holds<Same<typeof unknownFirst, unknown>>()
const knownFirst = firstOf.local([1, 2])
holds<Same<typeof knownFirst, number | undefined>>()
const lastOverload = await parsed(new Uint8Array(1))
holds<Same<typeof lastOverload, number>>()
// @ts-expect-error only the last overload is left in a call
await parsed('text')
const anyOverload = parsed.local('text')
holds<Same<typeof anyOverload, string>>()

// Options are bound by `with`, which gives the same function.
const urgent: ParallelFunction<(n: number) => number> = fib.with({ priority: 3, idempotent: true, name: 'urgent' })
const urgentValue = await urgent(3)
holds<Same<typeof urgentValue, number>>()
holds<Same<typeof fib, typeof urgent>>()
holds<Same<TaskResult<typeof urgent>, number>>()
holds<Same<TaskResult<TaskHandle<string>>, string>>()
holds<Same<TaskResult<Promise<Photo>>, Photo>>()
declare const maybe: { name: string | undefined; priority: Priority | undefined; pool: Pool | undefined }
fib.with(maybe) // undefined is: not given
fib.with({ priority: 2 as Priority, metadata: { page: 3, from: 'list' } })
const options: TaskOptions = { priority: -3 } satisfies TaskOptions
fib.with(options)
// @ts-expect-error priorities end at 3
fib.with({ priority: 4 })
// @ts-expect-error a computed number may be no priority
fib.with({ priority: Number('2') })
// @ts-expect-error options that do not exist are not passed over
fib.with({ prioritty: 2 })
// @ts-expect-error a pool is a Pool
fib.with({ pool: {} })

// A handle goes wherever a promise goes.
async function forgotten() {
  return fib(3)
}
holds<Same<ReturnType<typeof forgotten>, Promise<number>>>()
const all = await Promise.all([fib(1), measure('a'), photo('a'), 4] as const)
holds<Same<typeof all, [number, number, Loose, 4]>>()
const raced = await Promise.race([fib(1), new Promise<'late'>(() => {})])
holds<Same<typeof raced, number | 'late'>>()
const settled = await Promise.allSettled([fib(1)])
holds<Same<typeof settled, [PromiseSettledResult<number>]>>()
const chained = fib(1)
  .then((n) => String(n))
  .finally(() => {})
holds<Same<typeof chained, Promise<string>>>()
fib(1) satisfies PromiseLike<number>
fib(1) satisfies Promise<number>
const boxed = await (async () => ({ handle: fib(3) }))()
holds<Same<typeof boxed.handle, TaskHandle<number>>>()
const mapped = [1, 2].map(fib)
holds<Same<typeof mapped, TaskHandle<number>[]>>()
const callback: (n: number) => PromiseLike<number> = fib
const wide: TaskHandle<unknown> = fib(1)
const wider: TaskHandle<number | string> = fib(1)
// @ts-expect-error a number is no string
const narrow: TaskHandle<string> = fib(1)

// What a handle knows.
fib(1).get(100) satisfies number
fib(1).tryGet() satisfies number | undefined
fib(1).wait() satisfies boolean
fib(1).cancel('too late') satisfies boolean
const same: TaskHandle<number> = fib(1)
  .onComplete((n, { id, name }) => n.toFixed(id + name.length))
  .onError((error) => {
    // @ts-expect-error an error is unknown until it is looked at
    error.message
  })
same.timing.totalMs.toFixed()
same.workerId?.toFixed()
same.metadata.page
{
  using guard = fib(40)
  guard.state satisfies 'queued' | 'running' | 'ok' | 'failed' | 'cancelled' | 'timedOut' | 'lost'
}
// @ts-expect-error the state is the library's
same.state = 'ok'
// @ts-expect-error a handle's value is no string
fib(1).onComplete((text: string) => text)

// Inline functions.
const square = parallel((x: number) => x * x, { name: 'square' })
holds<Same<typeof square, ParallelFunction<(x: number) => number>>>()
const later = parallel(async function later(x: number, ...more: string[]) {
  return more.length + x
})
holds<Same<typeof later, ParallelFunction<(x: number, ...more: string[]) => Promise<number>>>>()
// @ts-expect-error a parameter without a type is no any
parallel(import.meta, { bad: (x) => x })
parallel(import.meta, {
  one(): number {
    return 1
  },
  two(): number {
    // @ts-expect-error `this` is not the record: in a worker there is none
    return this.one()
  },
})
const broken = parallel(import.meta, { k: 42 })
// @ts-expect-error what is no function cannot be called
broken.k()
parallel(new URL('file:///tasks.js'), { f: () => 1 })
  .f()
  .get() satisfies number
parallel('/tasks.cjs', { f: () => 1 }).f.taskName satisfies string
// @ts-expect-error a module is named by its URL
parallel(42, { f: () => 1 })

// Generic code of users.
class Service<F extends (...args: never[]) => any> {
  readonly fn: ParallelFunction<F>
  constructor(fn: ParallelFunction<F>) {
    this.fn = fn
  }
  call(...args: Parameters<F>) {
    return this.fn.with({ priority: 1 })(...args)
  }
  run(pool: Pool, ...args: Parameters<F>) {
    return pool.run(this.fn, args)
  }
}
const served = await new Service(photo).call('a', 2)
holds<Same<typeof served, Loose>>()
async function twice<A extends unknown[], R>(fn: ParallelFunction<(...args: A) => R>, ...args: A) {
  return Promise.all([fn(...args), fn(...args)])
}
const both = await twice(fib, 3)
holds<Same<typeof both, [number, number]>>()
const table = { fib, photo } as const
function dispatch<K extends keyof typeof table>(name: K, ...args: Parameters<(typeof table)[K]['local']>) {
  return name.length + args.length
}
dispatch('photo', 'a')
// @ts-expect-error fib takes a number
dispatch('fib', 'a')

// Pools.
{
  await using pool = new Pool({ maxThreads: 4, spin: false, name: undefined, env: { A: undefined } })
  const ran = await pool.run(photo, ['a', 1], { priority: maybe.priority })
  holds<Same<typeof ran, Loose>>()
  // @ts-expect-error a path is a string
  pool.run(photo, [1])
  // @ts-expect-error the path is missing
  pool.run(photo, [])
  // @ts-expect-error a plain function is no task
  pool.run((x: number) => x, [1])
  pool.on('workerExit', ({ workerId, exitCode }) => workerId + (exitCode ?? 0)).once('drain', () => {})
  // @ts-expect-error there is no such event
  pool.on('nope', () => {})
  const { runMs, threads } = pool.stats()
  holds<Same<typeof threads, number>>()
  runMs.p99 satisfies number
  const { clean } = await pool.close({ timeout: 10 })
  holds<Same<typeof clean, boolean>>()
  // @ts-expect-error threads are counted
  new Pool({ threads: 'all' })
  // @ts-expect-error there are three ways to overflow
  new Pool({ overflow: 'drop-newest' })
}
{
  using pool = new Pool({
    maxQueue: 100,
    overflow: 'reject',
    setup: load,
    teardown: undefined,
    idleTimeout: Number.POSITIVE_INFINITY,
    priority: 1,
  })
  const mine = pool.bind({ fib, photo })
  holds<Same<typeof mine.fib, typeof fib>>()
  const bound = await mine.photo('a')
  holds<Same<typeof bound, Loose>>()
  // @ts-expect-error what is no task is bound to no pool
  pool.bind({ fib, plain: (n: number) => n })
  const loaded = await pool.broadcast(load, [])
  holds<Same<typeof loaded, number[]>>()
  await pool.broadcast(load, ['model.bin'])
  // @ts-expect-error the name of a model is a string
  pool.broadcast(load, [1])
  if (pool.needsDrain) await pool.drained()
  pool.resize({ threads: 3 })
  pool.resize({ minThreads: 1 })
  pool.setMaxConcurrentTasks(3)
  // @ts-expect-error threads are needed to set something up in them: a plain function is no task
  new Pool({ setup: () => 1 })
}
{
  using listening = closeOnSignal(defaultPool, { signals: ['SIGTERM'] })
  listening satisfies Disposable
}
const withoutThreads: PoolOptions = { threads: 0 }
const logger: HostLogger = {
  debug: (fields: object, message?: string) => [fields, message],
  info() {},
  warn() {},
  error() {},
}
configure({ ...withoutThreads, logger })
{
  using pool = new Pool()
  fib.with({ pool })
}
configure({ maxThreads: 2 })
await defaultPool.run(fib, [3])
await shutdown({ cancelPending: true })

// Errors.
try {
  await handle
} catch (error) {
  if (error instanceof TaskTimeoutError) holds<Same<typeof error.code, 'ERR_PARALLEL_TIMEOUT'>>()
  else if (error instanceof WorkerLostError) error.exitCode satisfies number | undefined
  else if (error instanceof ParallelError) error.code satisfies `ERR_PARALLEL_${string}`
  else if (error instanceof OptionError) error satisfies TypeError
  const info = taskInfo(error)
  if (info !== undefined) holds<Same<typeof info.workerId, number | undefined>>()
  info?.timing.runMs satisfies number | undefined
}
class ShopError extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}
registerError(ShopError)
registerError(ShopError, { name: 'shop.ShopError' })
// @ts-expect-error an instance is no class
registerError(new ShopError('x'))
// @ts-expect-error a class of no errors
registerError(Map)

export { callback, narrow, wide, wider }
