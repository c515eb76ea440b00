/** Worker pools, as their users see them. What happens behind: engine.ts. */
import { OptionError } from '../errors.js'
import { PROTOCOL, runtime } from '../workers/index.js'
import { bindRun, checkCloseOptions, checkPoolOptions, checkThreads } from './check-options.js'
import { checkObject, wrong } from './checks.js'
import { spawn } from './child.js'
import { Engine, engineClosed } from './engine.js'
import type { TaskHandle } from './handle.js'
import {
  type CloseOptions,
  type CloseReport,
  POOL,
  type RunOptions,
  SUBMIT,
  type TaskOptions,
  type TaskPool,
} from './options.js'
import { checkEvent, PoolEmitter, type PoolEvents } from './pool-events.js'
import type { PoolOptions } from './pool-options.js'
import { type PoolStats, statsOf } from './stats.js'
import { type AnyFunction, type BoundTask, type ParallelFunction, REBIND, type TaskRecord, taskOf } from './task.js'

/** @internal Key of the default pool's reconfiguration. */
export const CONFIGURE: unique symbol = Symbol.for(`makeparallel.configure.${PROTOCOL}`)

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
  readonly #emitter = new PoolEmitter()
  #engine: Engine

  /** @throws OptionError `ERR_PARALLEL_OPTION` */
  constructor(options: PoolOptions = {}) {
    this.#engine = new Engine(checkPoolOptions(options, this.#defaultName), this.#emitter)
  }

  get name(): string {
    return this.#engine.name
  }

  /** One call of `fn` on this pool, whatever pool is bound to it. */
  run<F extends AnyFunction>(
    fn: ParallelFunction<F>,
    args: Readonly<Parameters<F>>,
    options?: RunOptions,
  ): TaskHandle<Awaited<ReturnType<F>>> {
    const task = this.#taskOf(fn, args, options, 'pool.run')
    return this[SUBMIT](task, [...(args as readonly unknown[])], options?.transfer) as TaskHandle<
      Awaited<ReturnType<F>>
    >
  }

  /** Resolves when `minThreads` workers run; starts them. @throws ShutdownError */
  async ready(): Promise<void> {
    const isInTask = this.#thread.worker !== undefined || this.#thread.local?.() !== undefined
    if (!isInTask) await this.#engine.ready()
  }

  stats(): PoolStats {
    return statsOf(this.#engine.host, this.#engine.startedMs)
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
    const task = this.#taskOf(fn, args, options, 'pool.broadcast')
    if (options?.transfer !== undefined)
      throw new OptionError('pool.broadcast: transfer: what is moved can go to one worker only')
    if (this.#thread.worker !== undefined || this.#thread.local?.() !== undefined)
      throw new OptionError('pool.broadcast: a pool has no workers inside a task; call it on the host')
    return this.#engine.broadcast(task, [...(args as readonly unknown[])]) as TaskHandle<any>
  }

  /** True when so many calls wait that it is time to stop calling: see `drained`. */
  get needsDrain(): boolean {
    return this.#engine.backlog.needsDrain
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
    if (options !== undefined) checkObject('pool.drained', options, ['signal'])
    const signal = options?.signal
    if (signal !== undefined && !(signal instanceof AbortSignal))
      throw wrong('pool.drained: signal', signal, 'an AbortSignal')
    this.#engine.host?.nudge()
    await this.#engine.backlog.drained(signal)
  }

  /**
   * Sets how many threads there may be, while the pool runs: more start when work needs them; those above the limit finish
   * what they run and leave. What is not given stays, unless it contradicts what is.
   * @throws OptionError `ERR_PARALLEL_OPTION` for a wrong number, or in a pool without threads
   */
  resize(
    size:
      | { readonly minThreads?: number | undefined; readonly maxThreads?: number | undefined }
      | { readonly threads: number },
  ): void {
    const { host } = this.#engine.options
    if (host.maxThreads === 0) throw new OptionError(`pool.resize: pool "${this.name}" was made with threads: 0`)
    checkObject('pool.resize', size, ['threads', 'minThreads', 'maxThreads'])
    this.#engine.resize(checkThreads('pool.resize', size, host))
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
    this.#engine.setMaxConcurrent(limit)
  }

  /**
   * Takes no more calls, lets what is queued and running settle, then ends the threads. Every handle settles. Later
   * calls return the report of the first.
   */
  close(options?: CloseOptions): Promise<CloseReport> {
    return this.#engine.close(checkCloseOptions(options))
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
  [SUBMIT](task: BoundTask, args: readonly unknown[], transfer?: readonly unknown[]): TaskHandle<unknown> {
    // A pool in a task is inert, in a worker and without threads: the call is a child of the running task.
    const parent = this.#thread.worker?.submitter ?? this.#thread.local?.()
    if (parent !== undefined) return spawn(task, args, parent, this.#emitter.onCallbackError, transfer)
    return this.#engine.submit(task, args, transfer)
  }

  /** @internal The default pool's options, before its first call or after its end. @throws OptionError, ShutdownError */
  [CONFIGURE](options: PoolOptions): void {
    const { state, host } = this.#engine
    if (state === 'open' && host !== undefined) {
      throw new OptionError(
        `pool "${this.name}" is running; call configure() before the first task, or after shutdown()`,
      )
    }
    if (state === 'closing') throw engineClosed(this.name)
    this.#engine = new Engine(checkPoolOptions(options, this.#defaultName), this.#emitter)
  }

  #taskOf(fn: unknown, args: unknown, options: RunOptions | undefined, where: string): BoundTask {
    const task = taskOf(fn, where)
    if (!Array.isArray(args)) throw wrong(`${where}: args`, args, 'an array')
    const bound = bindRun(task.bound, options, where)
    return bound === task.bound ? task : { definition: task.definition, bound, site: undefined }
  }
}
