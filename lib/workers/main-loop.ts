/**
 * What a worker does: find a task, run it, record its completion; search a while when there is none; then park, with its
 * event loop alive.
 *
 * `step()` is the synchronous part and returns what the driver (`run`) shall do next. All state between two steps is in
 * fields. See scheduler/README.md for the protocol of parking.
 */
import { add, compareExchange, load, notify, peek, pokeDouble, store } from '#atomics'
import {
  CONDEMNED,
  DONE,
  EMPTY,
  FREE,
  ORPHAN,
  type RingProducer,
  stateOf,
  WAITED,
  withState,
} from '../ring-buffer/index.js'
import {
  COMPLETED,
  type Finder,
  FINISHED,
  HOST,
  type Idle,
  KINDS,
  LISTENING,
  PARKS,
  pushDone,
  RESCAN,
  ringHost,
  SLEEPING,
  STARTED,
  STATE,
  type TeamMemory,
  unpark,
  wakeOne,
} from '../scheduler/index.js'
import { type Carrier, SHORT } from './codec/index.js'
import type { Parking } from './parking.js'

/** The driver lets the event loop turn. */
const YIELD = 0
/** The driver waits for a token, or for this thread's own news (`Parking.news`). */
const PARK = 1
/** The search ended: look in the queues. */
const FOUND = 2

/** Longest time without a turn of the event loop while there is work. */
const TURN_MS = 4
/** Completions of short tasks per look at the host's bell. */
const BELL_BATCH = 32
/** Looks of a searcher between two looks at the clock. */
const LOOKS_PER_CLOCK = 32

/** Runs a claimed task: see execute.ts. */
export interface TaskRunner {
  execute(id: number, slot: number, kinds: number): void
}

/** Looks after the children of this worker's tasks: see children.ts. */
export interface Tender {
  tend(): boolean
  hasNews(): boolean
}

export interface LoopOptions {
  readonly worker: number
  readonly spinMs: number
  readonly concurrentTasks: number
  /** Added to this thread's `performance.now()` gives the host's. */
  readonly clockOffsetMs: number
}

export class MainLoop {
  readonly #memory: TeamMemory
  readonly #words: Int32Array
  readonly #worker: number
  readonly #finder: Finder
  readonly #idle: Idle
  readonly #ring: RingProducer
  readonly #carrier: Carrier
  readonly #parking: Parking
  readonly #counters: number
  readonly #clockOffsetMs: number
  readonly #concurrentTasks: number
  readonly #maxSpinMs: number
  #spinMs: number
  #executor: TaskRunner | undefined
  #children: Tender | undefined
  #turnMs = 0
  #unrung = 0
  /** The mask that this worker's bit stands in while it is parked, or 0. */
  #parkedIn = 0
  /** A completion met CONDEMNED: the host is about to terminate this thread. */
  #condemned = false
  /** Async tasks that have started and not finished. */
  inFlight = 0

  constructor(
    memory: TeamMemory,
    finder: Finder,
    idle: Idle,
    ring: RingProducer,
    carrier: Carrier,
    parking: Parking,
    options: LoopOptions,
  ) {
    this.#memory = memory
    this.#words = memory.words
    this.#worker = options.worker
    this.#finder = finder
    this.#idle = idle
    this.#ring = ring
    this.#carrier = carrier
    this.#parking = parking
    this.#counters = memory.counters(options.worker)
    this.#clockOffsetMs = options.clockOffsetMs
    this.#concurrentTasks = options.concurrentTasks
    this.#maxSpinMs = options.spinMs
    this.#spinMs = options.spinMs
  }

  /** Runs for ever. */
  async run(executor: TaskRunner, children: Tender): Promise<never> {
    this.#executor = executor
    this.#children = children
    for (;;) {
      this.#turnMs = performance.now()
      const next = this.step()
      if (next === PARK) await this.#parking.wait()
      else await this.#parking.turn()
      this.unparked()
    }
  }

  now(): number {
    return performance.now() + this.#clockOffsetMs
  }

  /** Runs tasks until there is nothing to do or the event loop has waited long enough. */
  step(): number {
    const children = this.#children as Tender
    for (;;) {
      if (this.#condemned) return PARK
      const atLimit = this.inFlight >= this.#concurrentTasks
      const id = atLimit ? this.#finder.findChild() : this.#finder.find()
      if (id !== EMPTY) {
        this.runClaimed(id)
        if (performance.now() - this.#turnMs > TURN_MS) return YIELD
        children.tend()
        continue
      }
      if (children.tend()) continue
      this.#flushBell()
      if (atLimit) return this.#waitAtLimit()
      const outcome = this.#search()
      if (outcome !== FOUND) return outcome
    }
  }

  /** Records the completion of a task that this worker claimed; the result is in the slot already. */
  complete(id: number, startedMs: number): void {
    const words = this.#words
    const slot = this.#memory.slot(id)
    pokeDouble(this.#memory.doubles, (slot >> 1) + STARTED, startedMs) // owned: claimed by this worker
    pokeDouble(this.#memory.doubles, (slot >> 1) + FINISHED, this.now())
    const short = (peek(words, slot + KINDS) & SHORT) !== 0
    const submitter = this.#memory.submitterOf(id)
    for (;;) {
      const word = load(words, slot + STATE)
      if (stateOf(word) === CONDEMNED) {
        this.#condemned = true // the host has settled it and kills this thread: claim nothing more
        return
      }
      if ((word & ORPHAN) !== 0) {
        this.#carrier.releaseResult(slot, peek(words, slot + KINDS)) // owned: nobody else reads an orphan's result
        store(words, slot + STATE, withState(word & ~ORPHAN, FREE)) // publish: to the dead submitter's successor
        return
      }
      // publish: the result, to the submitter; the swap keeps flags that a joiner or a recovery may be setting
      if (compareExchange(words, slot + STATE, word, withState(word & ~WAITED, DONE)) !== word) continue
      if ((word & WAITED) !== 0) notify(words, slot + STATE, 1) // wake: the joiner on this very word
      break
    }
    if (submitter !== HOST) {
      pushDone(this.#memory, submitter, id)
      if (submitter !== this.#worker) unpark(this.#memory, submitter)
      else this.#parking.news()
      return
    }
    if (!this.#ring.tryPush(id)) store(words, RESCAN, 1) // publish: the host looks at every slot; nobody waits for room
    this.#ring.publish()
    this.#unrung++
    if (!short || this.#unrung >= BELL_BATCH) this.#flushBell()
  }

  /** What wakes may find after a wait: the bit is gone (a token was sent) or still there (news of our own). */
  unparked(): void {
    if (this.#parkedIn === 0) return
    const mask = this.#parkedIn
    this.#parkedIn = 0
    this.#idle.restore(mask)
    if (mask === SLEEPING && this.inFlight === 0) this.#idle.startSearch()
  }

  /** Runs a task that this worker has claimed. */
  runClaimed(id: number): void {
    const words = this.#words
    const slot = this.#memory.slot(id)
    const kinds = peek(words, slot + KINDS) // owned: claimed by this worker
    if ((kinds & SHORT) === 0) {
      // It may take a while: let somebody else do the searching, and the host have what is done.
      this.#flushBell()
      if (this.#idle.stopSearch() && this.#finder.hasWork()) wakeOne(this.#memory)
    }
    add(words, this.#counters + COMPLETED, 1)
    const executor = this.#executor as TaskRunner
    executor.execute(id, slot, kinds)
  }

  #flushBell(): void {
    if (this.#unrung === 0) return
    this.#unrung = 0
    ringHost(this.#memory)
  }

  #search(): number {
    const allowed = this.#idle.startSearch()
    if (allowed && this.#spinMs > 0) {
      const start = performance.now()
      const end = start + this.#spinMs
      for (let looks = 1; ; looks++) {
        if (this.#finder.hasHostWork()) return this.#found(start)
        if (looks % LOOKS_PER_CLOCK !== 0) continue
        if (this.#finder.hasWork()) return this.#found(start)
        const now = performance.now()
        if (now >= end) break
        if (now - this.#turnMs > TURN_MS) return YIELD
      }
      this.#spinMs = Math.max(this.#maxSpinMs / 8, this.#spinMs / 2)
    }
    return this.#park()
  }

  #found(startedMs: number): number {
    // A search that paid earns its budget back, at least twice what it took.
    this.#spinMs = Math.min(this.#maxSpinMs, Math.max(this.#spinMs, 2 * (performance.now() - startedMs) + this.#maxSpinMs / 8))
    return FOUND
  }

  #park(): number {
    if (this.inFlight > 0) {
      // Its event loop may be running user code: it can be woken, but nobody relies on its searching.
      this.#idle.stopSearch()
      this.#parkedIn = LISTENING
    } else this.#parkedIn = SLEEPING
    this.#idle.prepare(this.#parkedIn)
    if (this.#finder.hasWork() || (this.#children as Tender).hasNews()) {
      this.unparked()
      return YIELD
    }
    add(this.#words, this.#counters + PARKS, 1)
    return PARK
  }

  /** At its limit a worker sets no bit: nobody may count on it. Its own tasks, and its children, wake it. */
  #waitAtLimit(): number {
    this.#idle.stopSearch()
    this.#idle.clearToken()
    if ((this.#children as Tender).hasNews()) return YIELD
    return PARK
  }
}
