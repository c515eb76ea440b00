/**
 * A pool from its opening to its end: who runs its calls, how many may wait, what its users hear, and how it closes. The
 * default pool, configured anew, gets another one.
 */
import { ShutdownError, TaskCancelledError } from '../errors.js'
import {
  type Arguments,
  type Call,
  Host,
  type HostEvents,
  kept,
  LocalHost,
  type TaskHost,
  type ThreadLimits,
  takeArguments,
  takeForAll,
} from '../workers/index.js'
import { Backlog, SHARED_CALLS } from './backlog.js'
import { BroadcastWaiter } from './broadcast-waiter.js'
import { Handle, refused, type TaskHandle } from './handle.js'
import { LifecycleLog } from './lifecycle-log.js'
import type { CheckedCloseOptions, CloseReport } from './options.js'
import { QueueLimit } from './overflow.js'
import type { PoolEmitter } from './pool-events.js'
import type { CheckedPoolOptions } from './pool-options.js'
import { makeSite, type Site } from './site.js'
import { type BoundTask, siteOf } from './task.js'

/** The arguments of a call that was placed. */
const IN_SLOT: Arguments = []

export class Engine {
  /** OPEN → CLOSING → CLOSED. */
  state: 'open' | 'closing' | 'closed' = 'open'
  /** Undefined before the first call. */
  host: TaskHost | undefined
  startedMs = 0
  options: CheckedPoolOptions
  readonly name: string
  readonly backlog: Backlog
  readonly #emitter: PoolEmitter
  readonly #log: LifecycleLog
  readonly #limit: QueueLimit | undefined
  readonly #readyFailures: ((error: unknown) => void)[] = []
  #maxConcurrent = Number.POSITIVE_INFINITY
  #closing: Promise<CloseReport> | undefined
  /** Runs the calls that a full queue leaves to their callers. */
  #caller: LocalHost | undefined

  constructor(options: CheckedPoolOptions, emitter: PoolEmitter) {
    const { maxQueue, overflow, logger } = options
    this.options = options
    this.name = options.host.name
    this.#emitter = emitter
    this.#log = new LifecycleLog(logger, this.name)
    if (maxQueue !== Number.POSITIVE_INFINITY)
      this.#limit = new QueueLimit(this.name, maxQueue, overflow, () => this.#capacity())
    this.backlog = new Backlog(
      () => this.#limit?.most ?? SHARED_CALLS,
      () => {
        this.#log.needsDrain(this.#unsettled())
        emitter.emit('needsDrain')
      },
      () => void emitter.emit('drain'),
    )
  }

  submit(task: BoundTask, args: readonly unknown[], transfer?: readonly unknown[]): TaskHandle<unknown> {
    const host = this.host ?? this.#start()
    const site = siteOf(task, this.options.defaults, host, this.#emitter.onCallbackError)
    let taken: Arguments
    try {
      if (this.state !== 'open') throw engineClosed(this.name)
      // Refused before anything is moved.
      if (this.#limit?.overflow === 'reject') this.#checkRoom(this.#limit, host, site)
      taken = takeArguments(args, task.definition.name, transfer)
    } catch (error) {
      return refused(site, error) as TaskHandle<unknown>
    }
    if (this.#limit !== undefined) return this.#admit(this.#limit, host, task, site, taken)
    const id = host.launch(site, taken)
    const handle = new Handle(site, id < 0 ? kept(taken) : IN_SLOT, 0)
    host.launched(id, handle)
    this.backlog.submitted()
    if (id < 0) this.backlog.grown(host.unsettled)
    return handle as TaskHandle<unknown>
  }

  broadcast(task: BoundTask, args: readonly unknown[]): TaskHandle<unknown> {
    const host = this.host ?? this.#start()
    const { definition, bound } = task
    const waiter = new BroadcastWaiter(host)
    const site = makeSite(definition, bound, this.options.defaults, waiter, this.#emitter.onCallbackError)
    let taken: Arguments
    try {
      if (this.state !== 'open') throw engineClosed(this.name)
      taken = takeForAll(args, definition.name)
    } catch (error) {
      return refused(site, error) as TaskHandle<unknown>
    }
    const handle = new Handle(site, kept(taken), host.now())
    this.backlog.submitted()
    host.broadcast(handle)
    return handle as TaskHandle<unknown>
  }

  async ready(): Promise<void> {
    if (this.state !== 'open') throw engineClosed(this.name)
    const host = this.host ?? this.#start()
    host.hold()
    try {
      await new Promise<void>((resolve, reject) => {
        this.#readyFailures.push(reject) // first: it may turn out at once that no worker can be created
        host.start(1)
        if (host.isReady) resolve()
        else this.#emitter.add('ready', resolve, true)
      })
    } finally {
      host.letGo()
    }
  }

  resize(limits: ThreadLimits): void {
    this.options = { ...this.options, host: { ...this.options.host, ...limits } }
    this.host?.resize(limits)
    this.backlog.grown(this.#unsettled())
  }

  setMaxConcurrent(limit: number): void {
    this.#maxConcurrent = limit
    this.host?.setMaxConcurrent(limit)
    this.backlog.grown(this.#unsettled())
  }

  close(options: CheckedCloseOptions): Promise<CloseReport> {
    this.#closing ??= this.#close(options)
    return this.#closing
  }

  /** A call of a pool with a limited queue. */
  #admit(limit: QueueLimit, host: TaskHost, task: BoundTask, site: Site, taken: Arguments): TaskHandle<unknown> {
    if (limit.overflow !== 'reject' && !this.#hasRoom(limit, host)) {
      if (limit.overflow === 'caller-runs') return this.#runHere(task, taken)
      // What was the last to wait may have started just now, and be done.
      if (!limit.dropOldest(host.unsettled)) {
        try {
          this.#checkRoom(limit, host, site)
        } catch (error) {
          return refused(site, error) as TaskHandle<unknown>
        }
      }
    }
    const id = host.launch(site, taken)
    const handle = new Handle(site, id < 0 ? kept(taken) : IN_SLOT, 0)
    host.launched(id, handle)
    if (limit.overflow === 'drop-oldest') limit.note(handle)
    this.backlog.submitted()
    this.backlog.grown(host.unsettled)
    return handle as TaskHandle<unknown>
  }

  /** @throws QueueFullError */
  #checkRoom(limit: QueueLimit, host: TaskHost, site: Site): void {
    if (!this.#hasRoom(limit, host)) throw limit.error(host.unsettled, `task "${site.name}" was refused`)
  }

  /** A caller in a loop hears of nothing that settles: what has is looked for here. */
  #hasRoom(limit: QueueLimit, host: TaskHost): boolean {
    if (!limit.isFull(host.unsettled)) return true
    host.poll()
    return !limit.isFull(host.unsettled)
  }

  #runHere(task: BoundTask, taken: Arguments): TaskHandle<unknown> {
    const { host: options, defaults } = this.options
    this.#caller ??= new LocalHost(
      { ...options, setup: undefined, teardown: undefined, tally: (this.host as TaskHost).tally },
      { ...NO_EVENTS, settled: () => this.#settled() },
    )
    const site = makeSite(task.definition, task.bound, defaults, this.#caller, this.#emitter.onCallbackError)
    const handle = new Handle(site, kept(taken), 0)
    this.backlog.submitted()
    this.#caller.runNow(handle)
    this.#caller.nudge()
    return handle as TaskHandle<unknown>
  }

  /** Tasks that run at a time. */
  #capacity(): number {
    const { maxThreads, concurrentTasks } = this.options.host
    return Math.min(Math.max(1, maxThreads) * concurrentTasks, this.#maxConcurrent)
  }

  #unsettled(): number {
    return (this.host?.unsettled ?? 0) + (this.#caller?.unsettled ?? 0)
  }

  #settled(): void {
    this.backlog.settled(this.#unsettled())
  }

  #start(): TaskHost {
    const events: HostEvents = {
      ready: () => void this.#emitter.emit('ready'),
      settled: () => this.#settled(),
      started: (workerId) => this.#log.workerStarted(workerId),
      exited: ({ worker, exitCode, cause, retired }) => {
        this.#log.workerExited(worker, exitCode, cause, retired || this.state === 'closed')
        if (this.state !== 'closed') this.#emitter.emit('workerExit', { workerId: worker, exitCode })
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
    this.startedMs = performance.now()
    const options = this.options.host
    this.host = options.maxThreads === 0 ? new LocalHost(options, events) : new Host(options, events)
    if (this.#maxConcurrent !== Number.POSITIVE_INFINITY) this.host.setMaxConcurrent(this.#maxConcurrent)
    return this.host
  }

  #onError(error: unknown): void {
    this.#log.failed(error)
    this.#emitter.emit('error', error)
  }

  async #close({ timeout, cancelPending, force }: CheckedCloseOptions): Promise<CloseReport> {
    this.state = 'closing'
    for (const reject of this.#readyFailures.splice(0)) reject(engineClosed(this.name))
    const host = this.host
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
    const clean = host === undefined || (await this.backlog.empty(timeout))
    if (!clean && !force) {
      // Left to themselves; the threads end when the last task has.
      void this.backlog.empty(Number.POSITIVE_INFINITY).then(() => this.#end(host, Number.POSITIVE_INFINITY))
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
    this.state = 'closed'
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

/** A call that comes too late. */
export function engineClosed(name: string): ShutdownError {
  return new ShutdownError(`pool "${name}" is closed: create a new one, or call configure() to reopen the default pool`)
}
