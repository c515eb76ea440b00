/**
 * A pool without threads: its tasks run on the thread that calls them, with the meaning that they have elsewhere. For
 * debuggers and tests, and where there is no SharedArrayBuffer.
 *
 * One worker, so to speak: a later turn of the event loop starts what was called, by priority and age, one async task at
 * a time or as many as `concurrentTasks`; values are copied; a call inside a task is its child and needs no free place. What
 * it cannot give: a task that blocks, exits or runs out of memory does that to the caller.
 */
import { ShutdownError, SyncWaitError, WorkerStartError } from '../errors.js'
import { EMPTY } from '../ring-buffer/index.js'
import { BandQueues } from './band-queues.js'
import { type Call, NOT_PLACED, ticks, WITHDRAWN } from './calls.js'
import { cloned, clonedFailure, kept } from './codec/index.js'
import { type Definition, noteRun } from './definition.js'
import { type Child, type Family, isAsyncFunction, type Submitter } from './family.js'
import { LocalTasks } from './local-tasks.js'
import { clock, Turns } from './platform-node.js'
import { Tally } from './tally.js'
import type { Ended, HostEvents, TaskHost, WorkerCounts } from './task-host.js'

/** Longest time without a turn of the event loop while there is work. */
const TURN_MS = 4
/** `Call.slot` of a call that has started. */
const STARTED = 0

/** `lent`: a root that a task waits for synchronously; it runs in that one's place. */
type Kind = 'root' | 'lent' | 'child' | 'errand'

export interface LocalHostOptions {
  /** Where calls are counted; default: a tally of its own. */
  readonly tally?: Tally
  readonly concurrentTasks: number
  readonly loadTimeoutMs: number
  readonly setup: Definition | undefined
  readonly teardown: Definition | undefined
}

export class LocalHost implements TaskHost, Submitter {
  readonly tally: Tally
  readonly threads = { started: 0, live: 0, idle: 0 }
  readonly #options: LocalHostOptions
  readonly #events: HostEvents
  readonly #turns = new Turns('MakeParallelPool')
  readonly #tasks: LocalTasks
  readonly #queues = new BandQueues()
  /** Calls of tasks: they need no free place, for their parent holds one until they are done. */
  readonly #children: Call[] = []
  /** Broadcasts, which run beside the queues. */
  readonly #errands: Call[] = []
  readonly #running = new Map<Call, Kind>()
  /** Of those that run, the ones that are no children. */
  #runningCalls = 0
  /** Roots that run, of which there are at most `concurrentTasks`. */
  #places = 0
  #limit = Number.POSITIVE_INFINITY
  #turnIsDue = false
  #isSetUp: boolean
  #isSettingUp = false
  #isWanted = false
  #wasReady = false
  #hasEnded = false
  readonly #turn = (): void => this.#onTurn()

  constructor(options: LocalHostOptions, events: HostEvents) {
    this.tally = options.tally ?? new Tally()
    this.#options = options
    this.#events = events
    this.#isSetUp = options.setup === undefined
    this.#tasks = new LocalTasks(new Children(this), this.#turns, options.loadTimeoutMs)
  }

  get isReady(): boolean {
    return this.#wasReady
  }

  get unsettled(): number {
    return this.#queues.waiting + this.#errands.length + this.#runningCalls
  }

  get running(): number {
    return this.#errands.length + this.#runningCalls
  }

  get family(): Family | undefined {
    return this.#tasks.family
  }

  launch(): number {
    return EMPTY
  }

  launched(_id: number, call: Call): void {
    call.submittedMs = this.now()
    this.#queues.push(call)
    this.nudge()
  }

  submit(call: Child): void {
    if (this.#hasEnded) {
      call.fail(new ShutdownError(`task "${call.site.definition.name}" was called by a task whose pool is closed`))
      return
    }
    call.args = kept(call.args)
    this.#children.push(call)
    this.nudge()
  }

  /** Runs a call here and now, whatever waits. */
  runNow(call: Call): void {
    call.submittedMs = this.now()
    this.#run(call, 'lent')
  }

  start(): void {
    this.#isWanted = true
    this.nudge()
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
    if (this.#take(call) === 'root') this.tally.cancelled++
    this.nudge()
    return true
  }

  /**
   * Runs the awaited call here and now, if it has not started, and the children that a synchronous one has left behind.
   * @throws SyncWaitError when it needs this thread's event loop
   */
  block(call: Call, settled: () => boolean, deadlineMs: number): boolean {
    if (clock.now() >= deadlineMs) return settled()
    const { definition } = call.site
    const isInTask = this.#tasks.isInTask
    if (call.slot === NOT_PLACED && !isAsyncFunction(definition.fn)) {
      if (!this.#isSetUp && !isInTask) this.#setUp()
      if (this.#isSetUp || isInTask) this.#runAwaited(call, isInTask)
    }
    while (!settled()) {
      const child = this.#children.pop()
      if (child === undefined) break
      this.#run(child, 'child')
    }
    this.nudge()
    if (settled()) return true
    throw new SyncWaitError(
      `task "${this.#blocking(call).site.definition.name}" needs the event loop of this thread, which get() and wait() would block for ever ` +
        'in a pool without threads. Use await.',
    )
  }

  /** What a call waits for: itself, or an async child that it has left behind. */
  #blocking(call: Call): Call {
    if (isAsyncFunction(call.site.definition.fn)) return call
    for (const [running, kind] of this.#running)
      if (kind === 'child' && isAsyncFunction(running.site.definition.fn)) return running
    return call
  }

  workers(): WorkerCounts[] {
    return []
  }

  withdrawAll(): Call[] {
    const calls = this.#takeQueued()
    this.tally.cancelled += calls.length
    this.nudge()
    return calls
  }

  broadcast(call: Call): void {
    this.#errands.push(call)
    this.nudge()
  }

  resize(): void {}

  poll(): void {}

  setMaxConcurrent(limit: number): void {
    this.#limit = limit
    this.nudge()
  }

  async end(teardownMs: number, withdraw: (call: Call, started: boolean) => void): Promise<Ended> {
    const cancelled = this.withdrawAll()
    for (const call of [...cancelled, ...this.#takeChildren(), ...this.#errands.splice(0)]) withdraw(call, false)
    const running = [...this.#running]
    this.#running.clear()
    this.#runningCalls = 0
    for (const [call] of running) withdraw(call, true)
    if (this.#isSetUp && teardownMs > 0) await this.#tearDown(teardownMs)
    this.#hasEnded = true
    for (const call of this.#takeChildren()) withdraw(call, false)
    this.#turns.close()
    this.#events.settled(this.unsettled)
    const terminated = running.filter(([, kind]) => kind === 'root' || kind === 'lent').length
    return { cancelled: cancelled.length, terminated }
  }

  #onTurn(): void {
    this.#turnIsDue = false
    if (this.#hasEnded) return
    if (this.#isSetUp) this.#noteReady()
    else if (this.#isWanted || this.#queues.waiting + this.#errands.length > 0) this.#setUp()
    const end = clock.now() + TURN_MS
    while (this.#runNext()) {
      if (clock.now() < end) continue
      this.nudge()
      break
    }
    this.#events.settled(this.unsettled)
  }

  #noteReady(): void {
    if (this.#wasReady) return
    this.#wasReady = true
    this.#events.ready()
  }

  #runNext(): boolean {
    const child = this.#children.pop()
    if (child !== undefined) return this.#run(child, 'child')
    if (!this.#isSetUp) return false
    const errand = this.#errands.shift()
    if (errand !== undefined) return this.#run(errand, 'errand')
    const queues = this.#queues
    if (queues.waiting === 0 || this.#places >= Math.min(this.#options.concurrentTasks, this.#limit)) return false
    const band = queues.isTurn() ? queues.bandInTurn() : queues.highestBand()
    const call = queues.oldest(band) as Call
    queues.shift(band)
    return this.#run(call, 'root')
  }

  /** Outside of tasks the limit holds; in a task, that one lends its place. */
  #runAwaited(call: Call, isInTask: boolean): void {
    if (call.slot !== NOT_PLACED) return // it failed with the setup
    if (!isInTask && this.#places >= this.#limit) return
    const kind = this.#take(call)
    this.#run(call, kind === 'root' && isInTask ? 'lent' : kind)
  }

  /** Runs a call; a root holds a place until it has settled. Always true. */
  #run(call: Call, kind: Kind): true {
    call.slot = STARTED
    this.#running.set(call, kind)
    if (this.#running.size === 1) this.hold()
    if (kind === 'root') this.#places++
    if (kind !== 'child') this.#runningCalls++
    const started = this.now()
    call.waitTicks = ticks(started - call.submittedMs)
    const { definition } = call.site
    this.#tasks.call(definition, call.args, (failed, value) => {
      if (kind === 'root') this.#places--
      this.nudge()
      if (!this.#running.delete(call)) return // the pool has ended
      if (this.#running.size === 0) this.letGo()
      if (kind !== 'child') this.#runningCalls--
      call.runTicks = ticks(this.now() - started)
      this.#settle(call, kind, failed, value)
    })
    return true
  }

  #settle(call: Call, kind: Kind, failed: boolean, value: unknown): void {
    const { definition } = call.site
    let outcome: unknown
    let hasFailed = failed
    try {
      outcome = failed ? clonedFailure(value, definition.name) : cloned(value, definition.name)
    } catch (error) {
      hasFailed = true
      outcome = error
    }
    if (kind === 'root' || kind === 'lent') {
      noteRun(definition, call.runTicks)
      this.tally.settled(call, hasFailed)
    }
    if (hasFailed) call.fail(outcome)
    else call.succeed(kind === 'errand' ? [outcome] : outcome)
  }

  /** Takes a call that has not started from where it waits, and says what it would have been. */
  #take(call: Call): Kind {
    const child = this.#children.indexOf(call)
    const errand = this.#errands.indexOf(call)
    if (child < 0 && errand < 0) {
      this.#queues.withdraw(call)
      return 'root'
    }
    if (child >= 0) this.#children.splice(child, 1)
    else this.#errands.splice(errand, 1)
    call.slot = WITHDRAWN
    return child >= 0 ? 'child' : 'errand'
  }

  #takeQueued(): Call[] {
    const calls = [...this.#queues.takeAll()]
    for (const call of calls) call.slot = WITHDRAWN
    return calls
  }

  #takeChildren(): Call[] {
    const calls = this.#children.splice(0)
    for (const call of calls) call.slot = WITHDRAWN
    return calls
  }

  /** At once where the function is synchronous. */
  #setUp(): void {
    if (this.#isSettingUp) return
    this.#isSettingUp = true
    this.#limited(this.#options.setup as Definition, this.#options.loadTimeoutMs, (failed, value) => {
      this.#isSettingUp = false
      this.#isWanted = false
      this.nudge()
      if (failed) this.#cannotStart(value)
      else this.#isSetUp = true
    })
  }

  #cannotStart(cause: unknown): void {
    const error = new WorkerStartError(`setup failed: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    })
    this.#events.cannotStart(error)
    for (const call of [...this.#takeQueued(), ...this.#errands.splice(0)]) call.fail(error)
  }

  #tearDown(mostMs: number): Promise<void> {
    const { teardown, loadTimeoutMs } = this.#options
    if (teardown === undefined) return Promise.resolve()
    return new Promise((resolve) => {
      this.#limited(teardown, Math.min(mostMs, loadTimeoutMs), (failed, value) => {
        if (failed) this.#events.teardownFailed(0, value)
        resolve()
      })
    })
  }

  /** Runs a function that nobody has called; after `limitMs` it has failed. */
  #limited(definition: Definition, limitMs: number, settle: (failed: boolean, value: unknown) => void): void {
    let timer: NodeJS.Timeout | undefined
    let isOpen = true
    const end = (failed: boolean, value: unknown): void => {
      if (!isOpen) return
      isOpen = false
      clearTimeout(timer)
      this.letGo()
      settle(failed, value)
    }
    this.hold()
    this.#tasks.call(definition, [], end)
    if (isOpen && limitMs !== Number.POSITIVE_INFINITY)
      timer = this.#turns.later(() => end(true, new Error(`it did not finish within ${limitMs} ms`)), limitMs)
  }
}

/** Where the calls of tasks go: apart from the host, so that they share nothing with calls to the pool. */
class Children implements Submitter {
  readonly #host: LocalHost

  constructor(host: LocalHost) {
    this.#host = host
  }

  get family(): Family | undefined {
    return this.#host.family
  }
  submit(call: Child): void {
    this.#host.submit(call)
  }
  now(): number {
    return this.#host.now()
  }
  cancel(call: Call): boolean {
    return this.#host.cancel(call)
  }
  isQueued(call: Call): boolean {
    return this.#host.isQueued(call)
  }
  block(call: Call, settled: () => boolean, deadlineMs: number): boolean {
    return this.#host.block(call, settled, deadlineMs)
  }
}
