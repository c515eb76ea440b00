/** Worker pools: threads, their life, and the calls they take. */
import { OptionError, ShutdownError, TaskCancelledError } from '../errors.js'
import {
  type Arguments,
  type Call,
  Host,
  type HostEvents,
  LocalHost,
  runtime,
  type TaskHost,
  takeArguments,
} from '../workers/index.js'
import { Backlog, SHARED_CALLS } from './backlog.js'
import { BroadcastWaiter } from './broadcast-waiter.js'
import { bindRun, checkCloseOptions, checkPoolOptions, checkThreads } from './check-options.js'
import { wrong } from './checks.js'
import { spawn } from './child.js'
import { Emitter, rethrowLater } from './emitter.js'
import { Handle, refused, type TaskHandle } from './handle.js'
import { LifecycleLog } from './lifecycle-log.js'
import {
  type CheckedCloseOptions,
  type CloseOptions,
  type CloseReport,
  POOL,
  type RunOptions,
  SUBMIT,
  type TaskOptions,
  type TaskPool,
} from './options.js'
import { QueueLimit } from './overflow.js'
import type { CheckedPoolOptions, PoolOptions } from './pool-options.js'
import { makeSite, type Site } from './site.js'
import { type PoolStats, statsOf } from './stats.js'
import {
  type AnyFunction,
  type BoundTask,
  type ParallelFunction,
  REBIND,
  siteOf,
  type TaskRecord,
  taskOf,
} from './task.js'

export interface PoolEvents {
  /** `minThreads` workers run. */
  ready: []
  /** The last unsettled call has settled. */
  drain: []
  /** So many calls wait that it is time to stop calling: see `drained`. */
  needsDrain: []
  /** A callback of a handle threw (without a listener an uncaught exception), workers cannot start, a teardown failed. */
  error: [error: unknown]
  workerExit: [info: { workerId: number; exitCode: number | undefined }]
  workerRespawn: [info: { workerId: number }]
}

/** OPEN → CLOSING → CLOSED; `configure` of the default pool leads from CLOSED to OPEN. */
type State = 'open' | 'closing' | 'closed'

/** @internal Key of the default pool's reconfiguration. */
export const CONFIGURE = Symbol('makeparallel.configure')

let nextPool = 1

/**
 * A pool of persistent worker threads. Threads start with the first call that needs them.
 *
 * @example
 * await using pool = new Pool({ threads: 4 })
 * const value = await pool.run(fib, [35])
 */
export class Pool implements TaskPool, AsyncDisposable, Disposable {
  readonly [POOL] = true as const
  readonly #thread = runtime()
  readonly #defaultName = `pool-${nextPool++}`
  #options: CheckedPoolOptions
  #host: TaskHost | undefined
  #state: State = 'open'
  #closing: Promise<CloseReport> | undefined
  #startedMs = 0
  #maxConcurrent = Number.POSITIVE_INFINITY
  #backlog: Backlog
  #limit: QueueLimit | undefined
  #log: LifecycleLog
  /** Runs the calls that a full queue leaves to their callers. */
  #caller: LocalHost | undefined
  readonly #emitter = new Emitter<PoolEvents>()
  readonly #onCallbackError = (error: unknown): void => {
    if (!this.#emitter.emit('error', error)) rethrowLater(error)
  }

  readonly #readyFailures: ((error: unknown) => void)[] = []

  /** @throws OptionError `ERR_PARALLEL_OPTION` */
  constructor(options: PoolOptions = {}) {
    this.#options = checkPoolOptions(options, this.#defaultName)
    this.#log = new LifecycleLog(this.#options.logger, this.name)
    this.#limit = this.#makeLimit()
    this.#backlog = this.#makeBacklog()
  }

  get name(): string {
    return this.#options.host.name
  }

  /** One call of `fn` on this pool, whatever pool is bound to it. */
  run<F extends AnyFunction>(
    fn: ParallelFunction<F>,
    args: Readonly<Parameters<F>>,
    options?: RunOptions,
  ): TaskHandle<Awaited<ReturnType<F>>> {
    const task = this.#taskOf(fn, args, options, 'pool.run')
    return this[SUBMIT](task, [...(args as readonly unknown[])]) as TaskHandle<Awaited<ReturnType<F>>>
  }

  /** Resolves when `minThreads` workers run; starts them. @throws ShutdownError */
  async ready(): Promise<void> {
    if (runtime().worker !== undefined) return
    if (this.#state !== 'open') throw closed(this.name)
    const host = this.#host ?? this.#start()
    host.start(1)
    if (host.isReady) return
    host.hold()
    try {
      await new Promise<void>((resolve, reject) => {
        this.#emitter.add('ready', resolve, true)
        this.#readyFailures.push(reject)
      })
    } finally {
      host.letGo()
    }
  }

  stats(): PoolStats {
    return statsOf(this.#host, this.#startedMs)
  }

  /**
   * The same functions, bound to this pool: what a library does with the functions that it gives away.
   * @throws OptionError `ERR_PARALLEL_OPTION` when a value is no parallel function
   * @example
   * const { resize } = pool.bind({ resize: tasks.resize })
   */
  bind<T extends TaskRecord>(tasks: T): T {
    if (typeof tasks !== 'object' || tasks === null)
      throw wrong('pool.bind: tasks', tasks, 'an object of parallel functions')
    const { [REBIND]: rebind } = tasks as { [REBIND]?: (options: TaskOptions) => T }
    if (rebind !== undefined) return rebind({ pool: this })
    const bound: Record<string, ParallelFunction> = {}
    for (const [name, fn] of Object.entries(tasks)) {
      taskOf(fn, `pool.bind: "${name}"`)
      bound[name] = fn.with({ pool: this })
    }
    return bound as T
  }

  /**
   * Runs `fn` once in each worker, beside what is queued, and in each that starts before all have answered; starts one
   * if there is none. In a pool without threads it runs once, on this thread.
   * @returns the results by the workers' numbers. Rejects with the first failure, and with a WorkerLostError when a worker
   * dies of it (unless it is idempotent: then the replacement runs it).
   * @example
   * await pool.broadcast(loadModel, ['model.bin'])
   */
  broadcast<F extends AnyFunction>(
    fn: ParallelFunction<F>,
    args: Readonly<Parameters<F>>,
    options?: RunOptions,
  ): TaskHandle<Awaited<ReturnType<F>>[]> {
    const { definition, bound } = this.#taskOf(fn, args, options, 'pool.broadcast')
    if (this.#thread.worker !== undefined)
      throw new OptionError('pool.broadcast: a pool has no workers inside a task; call it on the host')
    const host = this.#host ?? this.#start()
    const waiter = new BroadcastWaiter(host)
    const site = makeSite(definition, bound, this.#options.defaults, waiter, this.#onCallbackError)
    let taken: Arguments
    try {
      if (this.#state !== 'open') throw closed(this.name)
      taken = takeArguments(args, definition.name)
    } catch (error) {
      return refused(site, error) as TaskHandle<any>
    }
    const handle = new Handle(site, taken, host.now())
    this.#backlog.submitted()
    host.broadcast(site, taken).then(
      (values) => handle.succeed(values),
      (error: unknown) => handle.fail(error),
    )
    return handle as TaskHandle<any>
  }

  /** True when so many calls wait that it is time to stop calling: see `drained`. */
  get needsDrain(): boolean {
    return this.#backlog.needsDrain
  }

  /**
   * Resolves at once, or when `needsDrain` has become false. The mark is `maxQueue`, or 8,192 calls where there is none;
   * half of it has to settle. Rejects with the reason of `signal`.
   * @example
   * for await (const item of source) {
   *   if (pool.needsDrain) await pool.drained()
   *   void handle(item)
   * }
   */
  async drained(options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    const signal = options?.signal
    if (signal !== undefined && !(signal instanceof AbortSignal))
      throw wrong('pool.drained: signal', signal, 'an AbortSignal')
    this.#host?.nudge()
    await this.#backlog.drained(signal)
  }

  /**
   * Sets how many threads there may be, while the pool runs: more start when work needs them; those above the limit finish
   * what they run and leave. What is not given stays, unless it contradicts what is. The most it takes is what the pool
   * was made with, the number of cores, or 8, whichever is more.
   * @throws OptionError `ERR_PARALLEL_OPTION` for a wrong number, or in a pool without threads
   */
  resize(
    size:
      | { readonly minThreads?: number | undefined; readonly maxThreads?: number | undefined }
      | { readonly threads: number },
  ): void {
    const { host } = this.#options
    if (host.maxThreads === 0) throw new OptionError(`pool.resize: pool "${this.name}" was made with threads: 0`)
    if (typeof size !== 'object' || size === null) throw wrong('pool.resize: size', size, 'an object')
    const limits = checkThreads('pool.resize', size, host)
    this.#options = { ...this.#options, host: { ...host, ...limits } }
    this.#host?.resize(limits)
  }

  /**
   * Calls of this pool that run at a time, at most; the rest waits, first in, first out. Holds at once for what has not
   * started. Calls inside tasks do not count: their parent lends them its place.
   * @param limit 1 or more, or Infinity
   * @throws OptionError `ERR_PARALLEL_OPTION`
   */
  setMaxConcurrentTasks(limit: number): void {
    if (limit !== Number.POSITIVE_INFINITY && !(Number.isInteger(limit) && limit >= 1))
      throw wrong('pool.setMaxConcurrentTasks: limit', limit, 'an integer, 1 or more, or Infinity')
    this.#maxConcurrent = limit
    this.#host?.setMaxConcurrent(limit)
  }

  /**
   * Takes no more calls, lets what is queued and running settle, then ends the threads. Every handle settles. Later
   * calls return the report of the first.
   */
  close(options?: CloseOptions): Promise<CloseReport> {
    const checked = checkCloseOptions(options)
    this.#closing ??= this.#close(checked)
    return this.#closing
  }

  on<E extends keyof PoolEvents>(event: E, listener: (...args: PoolEvents[E]) => void): this {
    this.#emitter.add(checkEvent(event), listener, false)
    return this
  }
  once<E extends keyof PoolEvents>(event: E, listener: (...args: PoolEvents[E]) => void): this {
    this.#emitter.add(checkEvent(event), listener, true)
    return this
  }
  off<E extends keyof PoolEvents>(event: E, listener: (...args: PoolEvents[E]) => void): this {
    this.#emitter.remove(checkEvent(event), listener)
    return this
  }

  /** As `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
  /** As `close()`, without waiting. */
  [Symbol.dispose](): void {
    void this.close()
  }

  // ---- for the library itself

  /** @internal */
  [SUBMIT](task: BoundTask, args: readonly unknown[]): TaskHandle<unknown> {
    // A pool in a worker is inert: the call is a child of the running task.
    if (this.#thread.worker !== undefined) return spawn(task, args, this.#onCallbackError)
    // In a task of a pool without threads a call is a child of it, as it would be in a worker.
    const parent = this.#thread.local?.()
    const host = parent ?? this.#host ?? this.#start()
    const site = siteOf(task, this.#options.defaults, host, this.#onCallbackError)
    let taken: Arguments
    try {
      if (this.#state !== 'open' && parent === undefined) throw closed(this.name)
      taken = takeArguments(args, task.definition.name)
    } catch (error) {
      return refused(site, error) as TaskHandle<unknown>
    }
    if (this.#limit !== undefined && parent === undefined) return this.#admit(this.#limit, host, task, site, taken)
    const id = host.launch(site, taken)
    const handle = new Handle(site, taken, 0)
    host.launched(id, handle)
    this.#backlog.submitted()
    if (id < 0) this.#backlog.grown(host.unsettled)
    return handle as TaskHandle<unknown>
  }

  /** @internal The default pool's options, before its first call or after its end. @throws OptionError, ShutdownError */
  [CONFIGURE](options: PoolOptions): void {
    if (this.#state === 'open' && this.#host !== undefined) {
      throw new OptionError(
        `pool "${this.name}" is running; call configure() before the first task, or after shutdown()`,
      )
    }
    if (this.#state === 'closing') throw closed(this.name)
    this.#options = checkPoolOptions(options, this.#defaultName)
    this.#log = new LifecycleLog(this.#options.logger, this.name)
    this.#limit = this.#makeLimit()
    this.#backlog = this.#makeBacklog()
    this.#caller = undefined
    this.#host = undefined
    this.#closing = undefined
    this.#state = 'open'
  }

  /** A call of a pool with a limited queue. */
  #admit(limit: QueueLimit, host: TaskHost, task: BoundTask, site: Site, taken: Arguments): TaskHandle<unknown> {
    const { unsettled } = host
    if (limit.isFull(unsettled)) {
      if (limit.overflow === 'caller-runs') return this.#runHere(task, taken)
      if (limit.overflow === 'reject' || !limit.dropOldest(unsettled))
        return refused(site, limit.error(unsettled, `task "${site.name}" was refused`)) as TaskHandle<unknown>
    }
    const id = host.launch(site, taken)
    const handle = new Handle(site, taken, 0)
    host.launched(id, handle)
    if (limit.overflow === 'drop-oldest') limit.note(handle)
    this.#backlog.submitted()
    this.#backlog.grown(host.unsettled)
    return handle as TaskHandle<unknown>
  }

  #runHere(task: BoundTask, taken: Arguments): TaskHandle<unknown> {
    const { host: options, defaults } = this.#options
    this.#caller ??= new LocalHost(
      { ...options, setup: undefined, teardown: undefined, tally: (this.#host as TaskHost).tally },
      { ...NO_EVENTS, settled: () => this.#settled() },
    )
    const site = makeSite(task.definition, task.bound, defaults, this.#caller, this.#onCallbackError)
    const handle = new Handle(site, taken, 0)
    this.#backlog.submitted()
    this.#caller.runNow(handle)
    this.#caller.nudge()
    return handle as TaskHandle<unknown>
  }

  #taskOf(fn: unknown, args: unknown, options: RunOptions | undefined, where: string): BoundTask {
    const task = taskOf(fn, where)
    if (!Array.isArray(args)) throw wrong(`${where}: args`, args, 'an array')
    const bound = bindRun(task.bound, options, where)
    return bound === task.bound ? task : { definition: task.definition, bound, site: undefined }
  }

  /** Tasks that run at a time. */
  #capacity(): number {
    const { maxThreads, concurrentTasks } = this.#options.host
    return Math.min(Math.max(1, maxThreads) * concurrentTasks, this.#maxConcurrent)
  }

  #makeLimit(): QueueLimit | undefined {
    const { maxQueue, overflow } = this.#options
    if (maxQueue === Number.POSITIVE_INFINITY) return undefined
    return new QueueLimit(this.name, maxQueue, overflow, () => this.#capacity())
  }

  #makeBacklog(): Backlog {
    return new Backlog(
      this.#limit?.most ?? SHARED_CALLS,
      () => {
        this.#log.needsDrain(this.#unsettled())
        this.#emitter.emit('needsDrain')
      },
      () => void this.#emitter.emit('drain'),
    )
  }

  #unsettled(): number {
    return (this.#host?.unsettled ?? 0) + (this.#caller?.unsettled ?? 0)
  }

  #settled(): void {
    this.#backlog.settled(this.#unsettled())
  }

  #start(): TaskHost {
    const events: HostEvents = {
      ready: () => void this.#emitter.emit('ready'),
      settled: () => this.#settled(),
      started: (workerId) => this.#log.workerStarted(workerId),
      exited: ({ worker, exitCode, cause, retired }) => {
        this.#log.workerExited(worker, exitCode, cause, retired || this.#state === 'closed')
        if (this.#state !== 'closed') this.#emitter.emit('workerExit', { workerId: worker, exitCode })
      },
      respawned: (workerId) => {
        this.#log.workerRespawned(workerId)
        this.#emitter.emit('workerRespawn', { workerId })
      },
      cannotStart: (error) => {
        for (const reject of this.#readyFailures.splice(0)) reject(error)
        this.#onError(error)
      },
      teardownFailed: (_worker, error) => this.#onError(error),
    }
    this.#startedMs = performance.now()
    const options = this.#options.host
    this.#host = options.maxThreads === 0 ? new LocalHost(options, events) : new Host(options, events)
    if (this.#maxConcurrent !== Number.POSITIVE_INFINITY) this.#host.setMaxConcurrent(this.#maxConcurrent)
    return this.#host
  }

  #onError(error: unknown): void {
    this.#log.failed(error)
    this.#emitter.emit('error', error)
  }

  async #close({ timeout, cancelPending, force }: CheckedCloseOptions): Promise<CloseReport> {
    this.#state = 'closing'
    for (const reject of this.#readyFailures.splice(0)) reject(closed(this.name))
    const host = this.#host
    const before = host?.tally.completed ?? 0
    let cancelled = 0
    if (cancelPending && host !== undefined) {
      for (const call of host.withdrawAll()) {
        ;(call as Handle).withdraw(
          new TaskCancelledError(`task "${call.site.definition.name}" was cancelled: its pool closed`),
        )
        cancelled++
      }
    }
    const deadlineMs = performance.now() + timeout
    host?.nudge()
    const clean = host === undefined || (await this.#backlog.empty(timeout))
    if (!clean && !force) {
      // Left to themselves; the threads end when the last task has.
      void this.#backlog.empty(Number.POSITIVE_INFINITY).then(() => this.#end(host, Number.POSITIVE_INFINITY))
      return { clean, completed: host.tally.completed - before, cancelled, terminated: 0 }
    }
    const left =
      host === undefined
        ? { cancelled: 0, terminated: 0 }
        : await this.#end(host, Math.max(0, deadlineMs - performance.now()))
    cancelled += left.cancelled
    const report = { clean, completed: (host?.tally.completed ?? 0) - before, cancelled, terminated: left.terminated }
    this.#log.closed(report)
    return report
  }

  async #end(host: TaskHost, teardownMs: number): Promise<{ cancelled: number; terminated: number }> {
    const error = (call: Call, started: boolean): Error =>
      new ShutdownError(
        `pool "${this.name}" was closed ${started ? 'while' : 'before'} task "${call.site.definition.name}" ran`,
      )
    const withdraw = (call: Call, started: boolean): void => (call as Handle).withdraw(error(call, started))
    const here = await this.#caller?.end(0, withdraw)
    const ended = await host.end(teardownMs, withdraw)
    this.#state = 'closed'
    return { cancelled: ended.cancelled, terminated: ended.terminated + (here?.terminated ?? 0) }
  }
}

/** For a host whose end nobody has to hear of. */
const NO_EVENTS: HostEvents = {
  ready() {},
  settled() {},
  started() {},
  exited() {},
  respawned() {},
  cannotStart() {},
  teardownFailed() {},
}
const EVENTS: readonly (keyof PoolEvents)[] = ['ready', 'drain', 'needsDrain', 'error', 'workerExit', 'workerRespawn']

function checkEvent<E extends keyof PoolEvents>(event: E): E {
  if (!EVENTS.includes(event))
    throw new OptionError(`there is no event "${String(event)}"; there are ${EVENTS.join(', ')}`)
  return event
}

function closed(name: string): ShutdownError {
  return new ShutdownError(`pool "${name}" is closed: create a new one, or call configure() to reopen the default pool`)
}
