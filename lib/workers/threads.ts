/** The worker threads of one host: started when work needs them, replaced when they die. Host thread only. */
import { load } from '#atomics'
import { WorkerStartError } from '../errors.js'
import { Arena, type Region } from '../ring-buffer/index.js'
import { bitOf, countWorkers, LIVE, type Recovered, recover, type TeamMemory } from '../scheduler/index.js'
import { nextBufferId } from './announcements.js'
import { ARENA_BYTES, type Boot } from './boot.js'
import type { Announcement } from './buffers.js'
import type { ErrandRequest, WorkerMessage, WorkerReport } from './errands.js'
import {
  isPeerGone,
  MessageChannel,
  type MessagePort,
  readPort,
  type Turns,
  type WorkerOptions,
} from './platform-node.js'
import { type CreateWorker, type StartedThread, startThread } from './start-thread.js'
import type { Death, ThreadLimits } from './task-host.js'

/** Pause before further starts, where others live; it doubles as long as they fail. */
const LEAST_PAUSE_MS = 1_000
const MOST_PAUSE_MS = 60_000
/** Starts in a row that reach no main loop before the pool says so. */
const MOST_FAILED_STARTS = 3
/** A worker that is live for this long has heard on the channel itself whatever is still on its way to the host. */
const RELAY_MS = 5_000
/** A thread whose port is closed has ended; of one with an 'exit' event, that says more. */
const EXIT_MS = 1_000
/** The library's own entry evaluates nothing of the user's, and a busy machine may take its time to start a thread. */
const LEAST_BOOT_MS = 5_000

export interface ThreadOptions extends ThreadLimits {
  readonly worker: WorkerOptions
  readonly createWorker: CreateWorker | undefined
  readonly boot: Omit<Boot, 'protocol' | 'shape' | 'buffer' | 'worker' | 'arena' | 'arenaId' | 'port' | 'bundle'>
  readonly protocol: number
}

/** What the owner of the threads hears of. */
export interface ThreadEvents {
  /** What a starting worker has to know: everything announced so far. */
  known(): Iterable<Announcement>
  arenaAdded(id: number, region: Region): void
  /** A thread was created, in place of one that is gone or as a further one. */
  joined(worker: number): void
  heard(worker: number, message: WorkerReport): void
  /** What a worker could not announce to all by itself. */
  announced(announcement: Announcement): void
  /** A worker died; what it left was recovered. */
  died(death: Death, recovered: Recovered): void
  /** A worker's main loop runs; `replaces` says that one with its number had died. */
  live(worker: number, replaces: boolean): void
  /** Workers die before they run anything: nothing that waits can be run, unless others live. */
  cannotStart(error: WorkerStartError, othersLive: boolean): void
}

interface Thread {
  readonly index: number
  thread: StartedThread | undefined
  readonly port: MessagePort
  readonly arenaId: number
  cause: unknown
  /** Until when the library must have taken it over; Infinity once it has. */
  bootMs: number
  /** Looks at that; cleared with it, for it holds on to all of the pool. */
  bootTimer: ReturnType<Turns['later']> | undefined
  /** When its main loop was heard of; in the future before that. */
  liveMs: number
  /** It was told to leave when it has nothing to do. */
  retiring: boolean
}

export class Threads {
  readonly #memory: TeamMemory
  readonly #options: ThreadOptions
  readonly #events: ThreadEvents
  readonly #turns: Turns
  readonly #threads: (Thread | undefined)[] = []
  readonly #died: boolean[] = []
  #limits: ThreadLimits
  #started = 0
  #failedStarts = 0
  /** While others live, no thread is started before then: the last ones died at once. */
  #notBeforeMs = 0
  #pauseMs = LEAST_PAUSE_MS
  #closing = false
  #onEmpty = (): void => {}

  constructor(memory: TeamMemory, options: ThreadOptions, turns: Turns, events: ThreadEvents) {
    this.#memory = memory
    this.#options = options
    this.#limits = options
    this.#turns = turns
    this.#events = events
  }

  /** Threads that run or boot, those left out that were told to leave. */
  get started(): number {
    return this.#started
  }

  /** Threads above the least number. */
  get surplus(): number {
    return this.#closing ? 0 : this.#started - this.#limits.minThreads
  }

  /** Threads whose main loop runs. */
  get live(): number {
    return countWorkers(load(this.#memory.words, LIVE)) // observe: set by Idle.enter
  }

  /** Starts what `wanted` tasks need, within the limits. */
  grow(wanted: number): void {
    if (this.#notBeforeMs > performance.now() && this.live > 0) return
    const { minThreads, maxThreads } = this.#limits
    const target = Math.min(maxThreads, Math.max(minThreads, wanted))
    while (this.#started < target && !this.#closing && this.#startAt(this.#freeIndex()));
  }

  /** Sets the limits; the threads above them leave when they have nothing left to do. */
  resize(limits: ThreadLimits): void {
    this.#limits = limits
    for (let index = this.#threads.length - 1; index > 0 && this.#started > limits.maxThreads; index--)
      this.retire(index)
  }

  /** Tells a worker to take no more tasks, to finish what it has, and to leave. */
  retire(index: number): void {
    const thread = this.#threads[index]
    if (thread === undefined || thread.retiring) return
    thread.retiring = true
    this.#started--
    thread.port.postMessage({ retire: true })
  }

  /** Tells all to leave; resolves when none runs, or after `timeoutMs`. */
  async retireAll(timeoutMs: number): Promise<void> {
    this.#closing = true
    const indices = this.indices()
    for (const index of indices) this.retire(index)
    if (indices.length === 0) return
    let timer: ReturnType<typeof setTimeout> | undefined
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve
      if (timeoutMs !== Number.POSITIVE_INFINITY) timer = setTimeout(resolve, timeoutMs)
    })
    clearTimeout(timer)
  }

  /** Numbers of the threads that run or boot. */
  indices(): number[] {
    return this.#threads.flatMap((thread) => (thread === undefined ? [] : thread.index))
  }

  post(worker: number, request: ErrandRequest): void {
    this.#threads[worker]?.port.postMessage(request)
  }

  /** The thread has not ended: what is posted to it is not posted to nobody. */
  isThere(worker: number): boolean {
    const thread = this.#threads[worker]
    return thread !== undefined && !isPeerGone<WorkerMessage>(thread.port, (message) => this.#heard(thread, message))
  }

  /** To one worker alone. */
  move(worker: number, announcement: Announcement, transfer: object[]): void {
    this.#threads[worker]?.port.postMessage(announcement, transfer as MessagePort[])
  }

  announce(announcement: Announcement): void {
    for (const thread of this.#threads) thread?.port.postMessage(announcement)
  }

  /** What a worker announced on the channel, for those that may not have listened there yet. A second copy does no harm. */
  relay(announcement: Announcement): void {
    const now = performance.now()
    for (const thread of this.#threads) {
      if (thread !== undefined && now - thread.liveMs < RELAY_MS) thread.port.postMessage(announcement)
    }
  }

  /** Hears what the workers have said, without a turn of the event loop. */
  listen(): void {
    for (const thread of this.#threads) {
      if (thread !== undefined) readPort<WorkerMessage>(thread.port, (message) => this.#heard(thread, message))
    }
  }

  /** Looks for dead threads without a turn of the event loop: 'exit' events do not come while the host is blocked. */
  probe(): void {
    for (const thread of this.#threads) {
      if (thread === undefined) continue
      if (isPeerGone<WorkerMessage>(thread.port, (message) => this.#heard(thread, message)))
        this.#ended(thread, undefined)
      else this.#checkBoot(thread)
    }
  }

  /** Ends all threads; resolves when none runs. */
  async terminate(): Promise<void> {
    this.#closing = true
    await Promise.all(this.#threads.map((thread) => thread && this.#terminate(thread)))
  }

  #freeIndex(): number {
    let index = 1
    while (this.#threads[index] !== undefined) index++
    return index
  }

  #startAt(index: number): boolean {
    if (index > this.#memory.workers) return false // all numbers are taken, by some who are leaving
    const { boot, createWorker, protocol, worker: workerOptions } = this.#options
    const memory = this.#memory
    const arenaId = nextBufferId(memory)
    const arena = Arena.create({ bytes: ARENA_BYTES })
    const { port1, port2 } = new MessageChannel()
    const record = {
      ...boot,
      protocol,
      shape: memory.shape,
      buffer: memory.buffer,
      worker: index,
      arena,
      arenaId,
      port: port2,
    }
    const thread: Thread = {
      index,
      thread: undefined,
      port: port1,
      arenaId,
      cause: undefined,
      bootMs: performance.now() + this.#bootLimitMs,
      bootTimer: undefined,
      liveMs: Number.POSITIVE_INFINITY,
      retiring: false,
    }
    try {
      thread.thread = this.#turns.outside(() =>
        startThread(
          record,
          workerOptions,
          createWorker,
          (error) => {
            thread.cause ??= error
          },
          (code) => this.#ended(thread, code),
        ),
      )
    } catch (error) {
      port1.close()
      this.#events.cannotStart(error as WorkerStartError, this.live > 0)
      return false
    }
    for (const known of this.#events.known()) port1.postMessage(known)
    this.announce({ arena: arenaId, region: arena }) // to the others, before this one can put anything there
    this.#events.arenaAdded(arenaId, arena)
    this.#threads[index] = thread
    this.#started++
    port1.on('message', (message: WorkerMessage) => this.#heard(thread, message))
    const wait = thread.thread.isSilent ? 0 : EXIT_MS
    port1.on('close', () => this.#turns.later(() => this.#ended(thread, undefined), wait))
    port1.unref()
    if (boot.loadTimeoutMs !== Number.POSITIVE_INFINITY)
      thread.bootTimer = this.#turns.later(() => this.#checkBoot(thread), this.#bootLimitMs + 1)
    this.#events.joined(index)
    return true
  }

  #heard(thread: Thread, message: WorkerMessage): void {
    if ('announcement' in message) {
      this.#events.announced(message.announcement)
      return
    }
    if (!('started' in message)) {
      this.#events.heard(thread.index, message)
      return
    }
    thread.bootMs = Number.POSITIVE_INFINITY
    clearTimeout(thread.bootTimer)
    if (message.started !== 'live') return
    this.#failedStarts = 0
    this.#pauseMs = LEAST_PAUSE_MS
    thread.liveMs = performance.now()
    this.#events.live(thread.index, this.#died[thread.index] === true)
  }

  get #bootLimitMs(): number {
    const { boot, createWorker } = this.#options
    return createWorker === undefined ? Math.max(LEAST_BOOT_MS, boot.loadTimeoutMs) : boot.loadTimeoutMs
  }

  /** The library has to take over a thread in time: whatever is evaluated before may never end. */
  #checkBoot(thread: Thread): void {
    if (performance.now() < thread.bootMs || this.#threads[thread.index] !== thread) return
    thread.bootMs = Number.POSITIVE_INFINITY
    thread.cause = new WorkerStartError(
      this.#options.createWorker === undefined
        ? `worker ${thread.index} has not started within ${this.#bootLimitMs} ms: what its execArgv loads does not come to an end`
        : `the worker of createWorker has not called serve() within loadTimeout = ${this.#bootLimitMs} ms: ` +
            "its entry imports it, as in import { serve } from 'makeparallel/worker', and calls it with its modules",
    )
    this.#failedStarts = MOST_FAILED_STARTS - 1 // the next ones would take as long
    void this.#terminate(thread)
  }

  async #terminate(thread: Thread): Promise<void> {
    await thread.thread?.terminate()
    if (thread.thread?.isSilent) this.#ended(thread, undefined)
  }

  #ended(thread: Thread, exitCode: number | undefined): void {
    if (this.#threads[thread.index] !== thread) return // seen by probe before
    const { arenaId, index, cause, retiring } = thread
    readPort<WorkerMessage>(thread.port, (message) => this.#heard(thread, message)) // what it said last
    const retired = retiring && (exitCode ?? 0) === 0 && cause === undefined
    const wasLive = (load(this.#memory.words, LIVE) & bitOf(index)) !== 0 // observe: set by Idle.enter of this incarnation
    this.#threads[index] = undefined
    this.#died[index] = !retiring
    if (!retiring) this.#started--
    thread.port.close()
    clearTimeout(thread.bootTimer)
    const recovered = recover(this.#memory, index)
    if (!wasLive && !retiring && !this.#closing) this.#noteFailedStart(exitCode, cause)
    this.#events.died({ worker: index, arenaId, exitCode, cause, wasLive, retired }, recovered)
    if (this.indices().length === 0) this.#onEmpty()
  }

  /** A worker died before its main loop ran. After a few in a row what waits is given up; where others live, the rest is only put off. */
  #noteFailedStart(exitCode: number | undefined, cause: unknown): void {
    this.#failedStarts++
    if (this.#failedStarts < MOST_FAILED_STARTS) return
    this.#failedStarts = 0
    const othersLive = this.live > 0
    if (othersLive) {
      this.#notBeforeMs = performance.now() + this.#pauseMs
      this.#pauseMs = Math.min(MOST_PAUSE_MS, 2 * this.#pauseMs)
    }
    if (cause instanceof WorkerStartError) {
      this.#events.cannotStart(cause, othersLive)
      return
    }
    const why = cause instanceof Error ? `: ${cause.message}` : exitCode === undefined ? '' : ` (exit code ${exitCode})`
    const message = `${MOST_FAILED_STARTS} workers in a row died before they could run a task${why}`
    this.#events.cannotStart(new WorkerStartError(message, { cause }), othersLive)
  }
}
