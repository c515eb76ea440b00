/** Worker pools: threads, their life, and the calls they take. */
import { OptionError, ShutdownError, TaskCancelledError } from '../errors.js'
import {
  type Arguments,
  type Call,
  Host,
  type HostEvents,
  type HostOptions,
  runtime,
  takeArguments,
} from '../workers/index.js'
import { Emitter, rethrowLater } from './emitter.js'
import { Handle, makeHandle, refused, type TaskHandle } from './handle.js'
import {
  bindRun,
  type CheckedCloseOptions,
  type CloseOptions,
  checkCloseOptions,
  checkPoolOptions,
  POOL,
  type PoolOptions,
  type RunOptions,
  SUBMIT,
  type TaskPool,
} from './options.js'
import { type AnyFunction, type BoundTask, type ParallelFunction, siteOf, taskOf } from './task.js'

export interface PoolEvents {
  /** `minThreads` workers run. */
  ready: []
  /** The last unsettled call has settled. */
  drain: []
  /** A callback of a handle threw, or workers cannot start. Without a listener it is an uncaught exception. */
  error: [error: unknown]
  workerExit: [info: { workerId: number; exitCode: number | undefined }]
  workerRespawn: [info: { workerId: number }]
}

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

/** Durations in ms, each percentile off by less than 13 %. */
export interface Histogram {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** What one worker has done since the pool started. */
export interface WorkerStats {
  readonly workerId: number
  readonly completed: number
  /** Tasks that it took from other workers. */
  readonly steals: number
  readonly parks: number
}

export interface PoolStats {
  readonly threads: number
  readonly idle: number
  readonly queued: number
  readonly running: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  /** Tasks that a worker took from another worker. */
  readonly steals: number
  readonly parks: number
  readonly respawns: number
  /** Share of the threads' time since the first call that was spent in tasks, 0 … 1. */
  readonly utilization: number
  readonly waitMs: Histogram
  readonly runMs: Histogram
  readonly workers: readonly WorkerStats[]
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
  #options: HostOptions
  #host: Host | undefined
  #state: State = 'open'
  #closing: Promise<CloseReport> | undefined
  #startedMs = 0
  readonly #drainWaiters: (() => void)[] = []
  readonly #emitter = new Emitter<PoolEvents>()
  readonly #onCallbackError = (error: unknown): void => {
    if (!this.#emitter.emit('error', error)) rethrowLater(error)
  }

  readonly #readyFailures: ((error: unknown) => void)[] = []

  /** @throws OptionError `ERR_PARALLEL_OPTION` */
  constructor(options: PoolOptions = {}) {
    this.#options = checkPoolOptions(options, this.#defaultName)
  }

  get name(): string {
    return this.#options.name
  }

  /** One call of `fn` on this pool, whatever pool is bound to it. */
  run<F extends AnyFunction>(
    fn: ParallelFunction<F>,
    args: Readonly<Parameters<F>>,
    options?: RunOptions,
  ): TaskHandle<Awaited<ReturnType<F>>> {
    const task = taskOf(fn, 'pool.run')
    if (!Array.isArray(args)) throw new OptionError(`pool.run: args must be an array, not ${typeof args}`)
    const bound = bindRun(task.bound, options, 'pool.run')
    const own = bound === task.bound ? task : { definition: task.definition, bound, site: undefined }
    return this[SUBMIT](own, [...(args as readonly unknown[])]) as TaskHandle<Awaited<ReturnType<F>>>
  }

  /** Resolves when `minThreads` workers run; starts them. @throws ShutdownError */
  async ready(): Promise<void> {
    if (runtime().worker !== undefined) return
    if (this.#state !== 'open') throw closed(this.name)
    const host = this.#host ?? this.#start()
    host.start(0)
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
    const host = this.#host
    const threads = host?.threads ?? { started: 0, live: 0, idle: 0 }
    const tally = host?.tally
    const placed = host?.dispatcher.placed() ?? []
    const running = placed.filter((call) => !(host as Host).isQueued(call)).length
    const workers = host?.workers() ?? []
    const sum = (key: 'steals' | 'parks'): number => workers.reduce((total, worker) => total + worker[key], 0)
    const upMs = host === undefined ? 0 : performance.now() - this.#startedMs
    const capacityMs = upMs * Math.max(1, threads.live)
    return {
      threads: threads.started,
      idle: threads.idle,
      queued: (host?.dispatcher.unsettled ?? 0) - running,
      running,
      completed: tally?.completed ?? 0,
      failed: (tally?.failed ?? 0) + (tally?.lost ?? 0),
      cancelled: tally?.cancelled ?? 0,
      steals: sum('steals'),
      parks: sum('parks'),
      respawns: tally?.respawns ?? 0,
      utilization: capacityMs === 0 ? 0 : Math.min(1, (tally?.busyMs ?? 0) / capacityMs),
      waitMs: tally?.wait.summary() ?? NOTHING,
      runMs: tally?.run.summary() ?? NOTHING,
      workers,
    }
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
    const { worker } = this.#thread
    if (worker !== undefined) {
      // A pool in a worker is inert: the call is a child of the running task.
      const child = makeHandle(siteOf(task, worker.submitter, this.#onCallbackError), args, worker.now())
      if (!child.isSettled) worker.submitter.submit(child)
      return child as TaskHandle<unknown>
    }
    const host = this.#host ?? this.#start()
    const site = siteOf(task, host, this.#onCallbackError)
    let taken: Arguments
    try {
      if (this.#state !== 'open') throw closed(this.name)
      taken = takeArguments(args, task.definition.name)
    } catch (error) {
      return refused(site, error) as TaskHandle<unknown>
    }
    const id = host.launch(site, taken)
    const handle = new Handle(site, taken, 0)
    host.launched(id, handle)
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
    this.#host = undefined
    this.#closing = undefined
    this.#state = 'open'
  }

  #start(): Host {
    const events: HostEvents = {
      ready: () => void this.#emitter.emit('ready'),
      drained: () => {
        this.#emitter.emit('drain')
        for (const resolve of this.#drainWaiters.splice(0)) resolve()
      },
      exited: ({ worker, exitCode }) => {
        if (this.#state !== 'closed') this.#emitter.emit('workerExit', { workerId: worker, exitCode })
      },
      respawned: (workerId) => void this.#emitter.emit('workerRespawn', { workerId }),
      cannotStart: (error) => {
        for (const reject of this.#readyFailures.splice(0)) reject(error)
        this.#emitter.emit('error', error)
      },
    }
    this.#startedMs = performance.now()
    this.#host = new Host(this.#options, events)
    return this.#host
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
    const clean = host === undefined || (await this.#settled(host, timeout))
    if (!clean && !force) {
      // Left to themselves; the threads end when the last task has.
      void this.#settled(host, Number.POSITIVE_INFINITY).then(() => this.#end(host))
      return { clean, completed: host.tally.completed - before, cancelled, terminated: 0 }
    }
    const left = host === undefined ? { cancelled: 0, terminated: 0 } : await this.#end(host)
    cancelled += left.cancelled
    return { clean, completed: (host?.tally.completed ?? 0) - before, cancelled, terminated: left.terminated }
  }

  async #end(host: Host): Promise<{ cancelled: number; terminated: number }> {
    const error = (call: Call, started: boolean): Error =>
      new ShutdownError(
        `pool "${this.name}" was closed ${started ? 'while' : 'before'} task "${call.site.definition.name}" ran`,
      )
    const ended = await host.end((call, started) => (call as Handle).withdraw(error(call, started)))
    this.#state = 'closed'
    return ended
  }

  /** True once nothing is unsettled, false when that takes longer than `timeoutMs`. */
  async #settled(host: Host, timeoutMs: number): Promise<boolean> {
    if (host.dispatcher.unsettled === 0) return true
    let timer: ReturnType<typeof setTimeout> | undefined
    const drained = new Promise<boolean>((resolve) => this.#drainWaiters.push(() => resolve(true)))
    const late = new Promise<boolean>((resolve) => {
      if (timeoutMs !== Number.POSITIVE_INFINITY) timer = setTimeout(() => resolve(false), timeoutMs)
    })
    host.nudge()
    try {
      return await Promise.race([drained, late])
    } finally {
      clearTimeout(timer)
    }
  }
}

const NOTHING: Histogram = { count: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 }
const EVENTS: readonly (keyof PoolEvents)[] = ['ready', 'drain', 'error', 'workerExit', 'workerRespawn']

function checkEvent<E extends keyof PoolEvents>(event: E): E {
  if (!EVENTS.includes(event))
    throw new OptionError(`there is no event "${String(event)}"; there are ${EVENTS.join(', ')}`)
  return event
}

function closed(name: string): ShutdownError {
  return new ShutdownError(`pool "${name}" is closed: create a new one, or call configure() to reopen the default pool`)
}
