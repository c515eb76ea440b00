/**
 * One host and its workers: the parts of layer 2 put together. What a pool is made of.
 */
import { exchange, load } from '#atomics'
import { WorkerLostError, type WorkerStartError } from '../errors.js'
import { Arena } from '../ring-buffer/index.js'
import {
  COMPLETED,
  countWorkers,
  LIVE,
  MAX_WORKERS,
  PARKS,
  type Recovered,
  SLEEPING,
  STEALS,
  TeamMemory,
  WANTED,
} from '../scheduler/index.js'
import { accept, nextBufferId, PostingAnnouncer } from './announcements.js'
import { ARENA_BYTES } from './boot.js'
import { type AnnouncedTask, type Announcement, Buffers } from './buffers.js'
import type { Call, CallSite } from './calls.js'
import { type Arguments, Carrier, restored, transfersOf } from './codec/index.js'
import type { Definition } from './definition.js'
import { Dispatcher, type Giver } from './dispatcher.js'
import { type ErrandRequest, Errands, type WorkerReport } from './errands.js'
import { HostLoop } from './host-loop.js'
import { IdleThreads } from './idle-threads.js'
import { BroadcastChannel, clock, clockOffset, readPort, Turns, type WorkerOptions } from './platform-node.js'
import { PROTOCOL, runtime } from './registry.js'
import type { CreateWorker } from './start-thread.js'
import { Tally } from './tally.js'
import type { Death, Ended, HostEvents, TaskHost, ThreadCounts, ThreadLimits, WorkerCounts } from './task-host.js'
import { type ThreadEvents, Threads } from './threads.js'

const HOST_SLOTS = 8_192
const WORKER_SLOTS = 512

export interface HostOptions extends ThreadLimits {
  readonly name: string
  readonly concurrentTasks: number
  readonly workerSpinMs: number
  readonly hostSpinMs: number
  readonly maxSearchers: number
  readonly loadTimeoutMs: number
  readonly idleTimeoutMs: number
  readonly setup: Definition | undefined
  readonly teardown: Definition | undefined
  readonly workerData: unknown
  readonly worker: WorkerOptions
  readonly createWorker: CreateWorker | undefined
}

export class Host implements TaskHost, ThreadEvents, Giver {
  readonly tally = new Tally()
  readonly #dispatcher: Dispatcher
  readonly #options: HostOptions
  readonly #definitions = runtime().definitions
  readonly #memory: TeamMemory
  readonly #buffers: Buffers
  readonly #carrier: Carrier
  readonly #turns: Turns
  readonly #loop: HostLoop
  readonly #threads: Threads
  readonly #errands: Errands
  readonly #idleThreads: IdleThreads
  readonly #channel: BroadcastChannel
  readonly #events: HostEvents
  readonly #arenaId: number
  readonly #arena = Arena.create({ bytes: ARENA_BYTES })
  /** Arenas of dead workers: dropped once nothing in flight can lie in them. */
  readonly #deadArenas: number[] = []
  #announcedTasks = 0
  /** Functions that workers have numbered: for those that start later. */
  readonly #tasksOfWorkers: AnnouncedTask[] = []
  #ending = false
  /** Workers died before they could run anything, several in a row: wait for the next call before trying again. */
  #gaveUp = false
  /** Calls that were running when the pool ended its threads. */
  readonly #terminated: Call[] = []
  #wasReady = false
  #limits: ThreadLimits

  constructor(options: HostOptions, events: HostEvents) {
    this.#options = options
    this.#limits = options
    this.#events = events
    // Room for all that a resize may ask for: pages that nobody touches cost nothing.
    const shape = { workers: MAX_WORKERS, hostSlots: HOST_SLOTS, workerSlots: WORKER_SLOTS }
    this.#memory = new TeamMemory(shape, undefined)
    const name = `makeparallel:${crypto.randomUUID()}`
    this.#channel = new BroadcastChannel(name)
    const take = (announcement: Announcement): void => {
      accept(announcement, this.#buffers, (tasks) => this.#tasksOfWorkers.push(...tasks))
      if (!('free' in announcement)) this.#threads.relay(announcement) // once, and its owner listens
    }
    // Without a listener Node drops what arrives in a turn of the event loop.
    this.#channel.onmessage = (event) => take((event as { data: Announcement }).data)
    this.#channel.unref()
    this.#buffers = new Buffers(() => {
      readPort(this.#channel, take)
      this.#threads.listen()
    })
    this.#arenaId = nextBufferId(this.#memory)
    const announce = (announcement: Announcement): void => this.#threads.announce(announcement)
    const announcer = new PostingAnnouncer(this.#memory, this.#buffers, this.#arenaId, announce, announce)
    this.#buffers.addArena(this.#arenaId, this.#arena)
    this.#carrier = new Carrier(this.#memory, this.#arena, this.#arenaId, this.#buffers, announcer)
    this.#dispatcher = new Dispatcher(this.#memory, this.#carrier, this.tally)
    this.#dispatcher.giver = this
    this.#turns = new Turns('MakeParallelPool')
    this.#loop = new HostLoop(this.#memory, this.#dispatcher, this.#turns, options.hostSpinMs, () => this.#onTurn())
    const boot = {
      channel: name,
      hostClockMs: clockOffset(),
      spinMs: options.workerSpinMs,
      concurrentTasks: options.concurrentTasks,
      loadTimeoutMs: options.loadTimeoutMs,
      maxSearchers: options.maxSearchers,
      workerData: options.workerData,
      setup: options.setup?.id,
      teardown: options.teardown?.id,
    }
    const post = (worker: number, request: ErrandRequest): void => this.#threads.post(worker, request)
    this.#errands = new Errands(post, () => {
      this.letGo()
      this.nudge()
    })
    const { createWorker, minThreads, maxThreads, worker } = options
    this.#threads = new Threads(
      this.#memory,
      { minThreads, maxThreads, worker, createWorker, boot, protocol: PROTOCOL },
      this.#turns,
      this,
    )
    this.#idleThreads = new IdleThreads(this.#memory, this.#threads, this.#turns, options.idleTimeoutMs)
  }

  launch(site: CallSite, args: Arguments): number {
    if (this.#definitions.length !== this.#announcedTasks) this.#announceTasks()
    return this.#loop.launch(site, args)
  }

  launched(id: number, call: Call): void {
    this.#loop.launched(id, call)
    if (this.#threads.started < this.#limits.maxThreads) this.#grow()
  }

  now(): number {
    return clock.now()
  }

  cancel(call: Call): boolean {
    if (!this.#dispatcher.cancel(call)) return false
    this.tally.cancelled++
    this.#loop.nudge()
    return true
  }

  isQueued(call: Call): boolean {
    return this.#dispatcher.slots.isQueued(call)
  }

  block(_call: Call, settled: () => boolean, deadlineMs: number): boolean {
    return this.#loop.block(settled, deadlineMs, () => {
      this.#threads.probe()
      this.#buffers.refresh()
      this.#growForChildren()
    })
  }

  start(wanted: number): void {
    this.#gaveUp = false
    if (runtime().definitions.length !== this.#announcedTasks) this.#announceTasks()
    this.#threads.grow(wanted)
  }

  get isReady(): boolean {
    return this.#wasReady
  }

  get unsettled(): number {
    return this.#dispatcher.unsettled + this.#errands.size
  }

  poll(): void {
    this.#loop.advance()
  }

  get running(): number {
    return this.#dispatcher.placed().filter((call) => !this.isQueued(call)).length + this.#errands.size
  }

  hold(): void {
    this.#turns.hold()
  }
  letGo(): void {
    this.#turns.letGo()
  }

  get threads(): ThreadCounts {
    const sleeping = load(this.#memory.words, SLEEPING)
    return { started: this.#threads.started, live: this.#threads.live, idle: countWorkers(sleeping) }
  }

  workers(): WorkerCounts[] {
    const counts: WorkerCounts[] = []
    for (let worker = 1; worker <= this.#memory.workers; worker++) {
      const at = this.#memory.counters(worker)
      const read = (index: number): number => load(this.#memory.words, at + index)
      if (read(COMPLETED) + read(PARKS) === 0) continue
      counts.push({ workerId: worker, completed: read(COMPLETED), steals: read(STEALS), parks: read(PARKS) })
    }
    return counts
  }

  nudge(): void {
    this.#loop.nudge()
  }

  withdrawAll(): Call[] {
    const calls = this.#dispatcher.withdrawAll()
    this.tally.cancelled += calls.length
    this.#loop.nudge()
    return calls
  }

  broadcast(call: Call): void {
    this.start(1)
    this.hold()
    this.#errands.run(call, this.#threads.indices())
  }

  resize(limits: ThreadLimits): void {
    this.#limits = limits
    this.#threads.resize(limits)
    if (this.#announcedTasks > 0) this.#threads.grow(this.unsettled)
    this.#noteReady()
    this.#idleThreads.watch()
  }

  setMaxConcurrent(limit: number): void {
    this.#dispatcher.setMostPlaced(limit)
    this.#loop.wake(true)
    this.nudge()
  }

  async end(teardownMs: number, withdraw: (call: Call, started: boolean) => void): Promise<Ended> {
    this.#ending = true
    this.#turns.hold()
    if (this.#options.teardown !== undefined && teardownMs > 0) await this.#threads.retireAll(teardownMs)
    await this.#threads.terminate()
    this.#dispatcher.rescan()
    const cancelled = this.withdrawAll()
    for (const call of cancelled) withdraw(call, false)
    for (const call of this.#terminated) withdraw(call, true)
    for (const call of this.#errands.takeAll()) withdraw(call, true)
    this.#channel.close()
    this.#loop.end()
    this.#turns.letGo()
    this.#turns.close()
    return { cancelled: cancelled.length, terminated: this.#terminated.length }
  }

  // ---- ThreadEvents

  *known(): Iterable<Announcement> {
    this.#buffers.refresh()
    yield { tasks: runtime().definitions.slice(0, this.#announcedTasks).map(announced) }
    yield { tasks: this.#tasksOfWorkers }
    yield* this.#buffers.known()
    yield* this.#carrier.known()
  }

  arenaAdded(id: number, region: Parameters<Buffers['addArena']>[1]): void {
    this.#buffers.addArena(id, region)
  }

  joined(worker: number): void {
    this.#dispatcher.workers = Math.max(this.#dispatcher.workers, worker)
    this.#errands.joined(worker)
    this.#idleThreads.watch()
    this.#events.started(worker)
  }

  heard(worker: number, message: WorkerReport): void {
    if ('errand' in message) this.#errands.answered(worker, message)
    else this.#events.teardownFailed(worker, restored(message.teardownFailed))
  }

  died(death: Death, recovered: Recovered): void {
    const code = death.exitCode === undefined ? '' : ` (exit code ${death.exitCode})`
    const why = death.cause instanceof Error ? `: ${death.cause.message}` : ''
    this.#deadArenas.push(death.arenaId)
    this.#idleThreads.forget(death.worker)
    if (this.#ending) {
      this.#terminated.push(...this.#dispatcher.takeLost(recovered.lost))
      return
    }
    const lost = (task: string): WorkerLostError =>
      new WorkerLostError(`worker ${death.worker} died${code} while it ran ${task}${why}`, death.exitCode, {
        cause: death.cause,
      })
    this.#loop.recovered(recovered, (call) => {
      this.tally.lost++
      return lost(`task "${call.site.definition.name}"`)
    })
    for (const id of recovered.unread) this.#carrier.releaseUnread(id)
    this.#events.exited(death)
    this.#errands.left(death.worker, death.wasLive && !death.retired ? lost('a broadcast') : undefined)
    // Persistent: back to minThreads at least, unless the pool has just found that its workers cannot start.
    if (this.unsettled > 0 || !this.#gaveUp) this.#threads.grow(this.unsettled)
    this.#errands.finish()
  }

  live(worker: number, replaces: boolean): void {
    this.#gaveUp = false
    if (replaces) {
      this.tally.respawns++
      this.#events.respawned(worker)
    }
    this.#noteReady()
  }

  #noteReady(): void {
    if (this.#wasReady || this.#threads.live < Math.max(1, this.#limits.minThreads)) return
    this.#wasReady = true
    this.#events.ready()
  }

  cannotStart(error: WorkerStartError, othersLive: boolean): void {
    this.#events.cannotStart(error)
    if (othersLive) return // they run what waits
    this.#gaveUp = true
    for (const call of this.#dispatcher.withdrawAll()) call.fail(error)
    this.#errands.failAll(error)
    this.#loop.nudge()
  }

  get mayBeAsked(): boolean {
    return this.#carrier.mayBeAsked
  }

  /** While it looks for completions. What has been given is lost with that worker. */
  give(worker: number, id: number): boolean {
    if (!this.#dispatcher.slots.isRunBy(worker, id)) return false
    if (!this.#threads.isThere(worker)) return false // it has asked, and died: a recovery will follow
    const given = this.#carrier.handOver(id)
    if (given !== undefined)
      this.#threads.move(worker, { moved: given.payload, values: given.values }, transfersOf(given.values))
    return true
  }

  announced(announcement: Announcement): void {
    accept(announcement, this.#buffers, () => {})
    if ('moved' in announcement) return // to this thread
    this.#threads.announce(announcement)
  }

  #onTurn(): void {
    this.#growForChildren()
    const { unsettled } = this
    if (unsettled === 0) this.#dropDeadArenas()
    this.#events.settled(unsettled)
  }

  /** Nothing is in flight on the host, but a worker may still read what the dead had written for it. */
  #dropDeadArenas(): void {
    if (this.#deadArenas.length === 0 || countWorkers(load(this.#memory.words, LIVE)) !== this.threads.idle) return
    for (const id of this.#deadArenas.splice(0)) {
      this.#buffers.remove(id)
      this.#threads.announce({ release: id })
    }
  }

  #growForChildren(): void {
    const { words } = this.#memory
    if (load(words, WANTED) === 0 || exchange(words, WANTED, 0) === 0) return // observe: set by Children.submit
    this.#threads.grow(this.#limits.maxThreads)
  }

  #grow(): void {
    const { unsettled } = this.#dispatcher
    if (unsettled > this.#threads.started) this.#threads.grow(unsettled)
  }

  #announceTasks(): void {
    const { definitions } = runtime()
    const fresh = definitions.slice(this.#announcedTasks)
    this.#announcedTasks = definitions.length
    this.#threads.announce({ tasks: fresh.map(announced) })
  }
}

function announced({ id, name, origin }: Definition) {
  return { id, name, origin }
}
