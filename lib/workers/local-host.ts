/**
 * A pool without threads: its tasks run on the thread that calls them, with the meaning that they have elsewhere. For
 * debuggers and tests, and where there is no SharedArrayBuffer.
 *
 * One worker, so to speak: a later turn of the event loop starts what was called, by priority and age, one async task at
 * a time or as many as `concurrentTasks`; values are copied; a call inside a task is its child and needs no free place. What
 * it cannot give: a task that blocks, exits or runs out of memory does that to the caller.
 */
import { SyncWaitError, WorkerStartError } from '../errors.js'
import { EMPTY } from '../ring-buffer/index.js'
import { BandQueues } from './band-queues.js'
import { type Call, type CallSite, NOT_PLACED, ticks, WITHDRAWN } from './calls.js'
import { type Arguments, argumentsOf, cloned, clonedFailure } from './codec/index.js'
import { type Definition, noteRun } from './definition.js'
import { explainInline, Functions, type WorkerTask } from './functions.js'
import { AsyncLocalStorage, clock, Turns } from './platform-node.js'
import { runtime } from './registry.js'
import { Tally } from './tally.js'
import type { Ended, HostEvents, TaskHost, WorkerCounts } from './task-host.js'

/** Longest time without a turn of the event loop while there is work. */
const TURN_MS = 4
/** `Call.slot` of a call that has started. */
const STARTED = 0

/** The call that runs, through whatever it awaits. */
interface Running {
  readonly host: LocalHost
}
const scope = new AsyncLocalStorage<Running>()

export interface LocalHostOptions {
  /** Where calls are counted; default: a tally of its own. */
  readonly tally?: Tally
  readonly concurrentTasks: number
  readonly loadTimeoutMs: number
  readonly setup: Definition | undefined
  readonly teardown: Definition | undefined
}

export class LocalHost implements TaskHost {
  readonly tally: Tally
  readonly isReady = true
  readonly threads = { started: 0, live: 0, idle: 0 }
  readonly #options: LocalHostOptions
  readonly #events: HostEvents
  readonly #turns = new Turns('MakeParallelPool')
  readonly #queues = new BandQueues()
  /** Children: they need no free place, for their parent holds one until they are done. */
  readonly #children: Call[] = []
  readonly #running = new Set<Call>()
  readonly #functions: Functions
  /** Roots that run, of which there are at most `concurrentTasks`. */
  #places = 0
  #limit = Number.POSITIVE_INFINITY
  #turnIsDue = false
  #isSetUp = false
  #settingUp = false
  #broadcasts = 0
  readonly #turn = (): void => this.#onTurn()

  constructor(options: LocalHostOptions, events: HostEvents) {
    this.tally = options.tally ?? new Tally()
    this.#options = options
    this.#events = events
    this.#functions = new Functions(options.loadTimeoutMs)
    this.#isSetUp = options.setup === undefined
    runtime().local ??= () => scope.getStore()?.host
  }

  get unsettled(): number {
    return this.#queues.waiting + this.#children.length + this.#running.size + this.#broadcasts
  }

  get running(): number {
    return this.#running.size + this.#broadcasts
  }

  launch(): number {
    return EMPTY
  }

  launched(_id: number, call: Call): void {
    call.submittedMs = this.now()
    if (scope.getStore()?.host === this) this.#children.push(call)
    else this.#queues.push(call)
    this.nudge()
  }

  /** Runs a call here and now, whatever waits. */
  runNow(call: Call): void {
    call.submittedMs = this.now()
    this.#run(call, false)
  }

  start(): void {
    this.nudge()
    this.#turns.next(() => this.#events.ready())
  }

  hold(): void {
    this.#turns.hold()
  }
  letGo(): void {
    this.#turns.letGo()
  }

  nudge(): void {
    if (this.#turnIsDue) return
    this.#turnIsDue = true
    this.#turns.next(this.#turn)
  }

  now(): number {
    return clock.now()
  }

  isQueued(call: Call): boolean {
    return call.slot === NOT_PLACED
  }

  cancel(call: Call): boolean {
    if (call.slot !== NOT_PLACED) return false
    this.#withdraw(call)
    this.tally.cancelled++
    this.nudge()
    return true
  }

  /**
   * Runs the awaited call here and now, if it has not started.
   * @throws SyncWaitError when it needs this thread's event loop
   */
  block(call: Call, settled: () => boolean): boolean {
    if (call.slot === NOT_PLACED && this.#isSetUp) {
      this.#withdraw(call)
      this.#run(call, false)
    }
    if (settled()) return true
    throw new SyncWaitError(
      `task "${call.site.definition.name}" needs the event loop of this thread, which get() and wait() would block for ever ` +
        'in a pool without threads. Use await.',
    )
  }

  workers(): WorkerCounts[] {
    return []
  }

  withdrawAll(): Call[] {
    const calls = [...this.#queues.takeAll(), ...this.#children.splice(0)]
    for (const call of calls) call.slot = WITHDRAWN
    this.tally.cancelled += calls.length
    this.nudge()
    return calls
  }

  async broadcast(site: CallSite, args: Arguments): Promise<unknown[]> {
    this.#broadcasts++
    this.hold()
    try {
      const task = this.#taskOf(site.definition)
      if (task.fn === undefined) await this.#functions.load(task)
      return [cloned(await this.#enter(task, args), task.name)]
    } catch (error) {
      throw clonedFailure(error, site.definition.name)
    } finally {
      this.#broadcasts--
      this.letGo()
      this.nudge()
    }
  }

  resize(): void {}

  setMaxConcurrent(limit: number): void {
    this.#limit = limit
    this.nudge()
  }

  async end(teardownMs: number, withdraw: (call: Call, started: boolean) => void): Promise<Ended> {
    const cancelled = this.withdrawAll()
    for (const call of cancelled) withdraw(call, false)
    const terminated = [...this.#running]
    this.#running.clear()
    for (const call of terminated) withdraw(call, true)
    if (this.#options.teardown !== undefined && this.#isSetUp && teardownMs > 0) await this.#tearDown(teardownMs)
    this.#turns.close()
    return { cancelled: cancelled.length, terminated: terminated.length }
  }

  #onTurn(): void {
    this.#turnIsDue = false
    if (!this.#isSetUp && this.#queues.waiting > 0) {
      void this.#setUp()
      return
    }
    const end = clock.now() + TURN_MS
    while (this.#runNext()) {
      if (clock.now() < end) continue
      this.nudge()
      break
    }
    this.#events.settled(this.unsettled)
  }

  #runNext(): boolean {
    const child = this.#children.shift()
    if (child !== undefined) {
      this.#run(child, false)
      return true
    }
    if (this.#queues.waiting === 0 || this.#places >= Math.min(this.#options.concurrentTasks, this.#limit)) return false
    const queues = this.#queues
    const band = queues.isTurn() ? queues.bandInTurn() : queues.highestBand()
    const call = queues.oldest(band) as Call
    queues.shift(band)
    this.#run(call, true)
    return true
  }

  /** Runs a call; a root holds a place until it has settled. */
  #run(call: Call, isRoot: boolean): void {
    call.slot = STARTED
    this.#running.add(call)
    if (this.#running.size === 1) this.hold()
    if (isRoot) this.#places++
    const started = this.now()
    call.waitTicks = ticks(started - call.submittedMs)
    const task = this.#taskOf(call.site.definition)
    const settle = (failed: boolean, value: unknown): void => {
      if (isRoot) this.#places--
      if (!this.#running.delete(call)) return // the pool has ended
      if (this.#running.size === 0) this.letGo()
      call.runTicks = ticks(this.now() - started)
      noteRun(call.site.definition, call.runTicks)
      this.tally.settled(call, failed)
      if (failed) call.fail(value)
      else call.succeed(value)
    }
    const succeed = (value: unknown): void => {
      let result: unknown
      try {
        result = cloned(value, task.name)
      } catch (error) {
        settle(true, error)
        return
      }
      settle(false, result)
    }
    const fail = (error: unknown): void => settle(true, clonedFailure(explainInline(error, task), task.name))
    const later = (value: unknown): void => {
      Promise.resolve(value)
        .then(succeed, fail)
        .finally(() => this.nudge())
    }
    try {
      if (task.fn === undefined) {
        later(this.#functions.load(task).then(() => this.#enter(task, call.args)))
        return
      }
      const value = this.#enter(task, call.args)
      if (isThenable(value)) later(value)
      else succeed(value)
    } catch (error) {
      fail(error)
    }
  }

  #enter(task: WorkerTask, args: Arguments): unknown {
    return scope.run({ host: this }, () => (task.fn as (...all: unknown[]) => unknown)(...argumentsOf(args)))
  }

  /** Module functions are here already; inline ones are compiled from their text, so that they see what they would see elsewhere. */
  #taskOf(definition: Definition): WorkerTask {
    const { id, name, origin, fn } = definition
    if (this.#functions.get(id) === undefined) {
      this.#functions.add([{ id, name, origin }])
      const added = this.#functions.get(id) as WorkerTask
      if (origin.kind === 'module') added.fn = fn as WorkerTask['fn']
    }
    return this.#functions.get(id) as WorkerTask
  }

  #withdraw(call: Call): void {
    const index = this.#children.indexOf(call)
    if (index < 0) this.#queues.withdraw(call)
    else {
      this.#children.splice(index, 1)
      call.slot = WITHDRAWN
    }
  }

  async #setUp(): Promise<void> {
    if (this.#settingUp) return
    this.#settingUp = true
    this.hold()
    try {
      const task = this.#taskOf(this.#options.setup as Definition)
      if (task.fn === undefined) await this.#functions.load(task)
      await this.#enter(task, [])
      this.#isSetUp = true
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      const error = new WorkerStartError(`setup failed: ${why}`, { cause })
      this.#events.cannotStart(error)
      for (const call of this.withdrawAll()) call.fail(error)
    }
    this.#settingUp = false
    this.letGo()
    this.nudge()
  }

  async #tearDown(teardownMs: number): Promise<void> {
    const task = this.#taskOf(this.#options.teardown as Definition)
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      if (teardownMs !== Number.POSITIVE_INFINITY) timer = setTimeout(resolve, teardownMs)
    })
    const torn = (async () => {
      if (task.fn === undefined) await this.#functions.load(task)
      await this.#enter(task, [])
    })().catch((error: unknown) => this.#events.teardownFailed(0, error))
    await Promise.race([torn, late])
    clearTimeout(timer)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function'
}
