/**
 * What a worker does: find a task, run it, record its completion; search a while when there is none; then park, with its
 * event loop alive.
 *
 * `step()` is the synchronous part and returns what the driver (`run`) shall do next. All state between two steps is in
 * fields. See scheduler/README.md for the protocol of parking.
 */
import { compareExchange, load, notify, or, peek, poke, pokeDouble, store } from '#atomics'
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
  countWorkers,
  FINISHED,
  type Finder,
  type Idle,
  KINDS,
  LISTENING,
  LIVE,
  NOTICES,
  PARKS,
  PUSHING,
  pushDone,
  RESCAN,
  ringHost,
  SLEEPING,
  STARTED,
  STATE,
  type TeamMemory,
  unpark,
  wakeOne,
  wakeRegardless,
} from '../scheduler/index.js'
import { type Carrier, ENTERED, SHORT } from './codec/index.js'
import type { Parking } from './parking.js'
import { clock } from './platform-node.js'
import { SpinBudget } from './spin-budget.js'

/** The driver lets the event loop turn. */
const YIELD = 0
/** The driver waits for a waker, or for this thread's own news (`Parking.news`). */
const PARK = 1
/** The search ended: look in the queues. */
const FOUND = 2
/** The worker was told to leave and has nothing left to do. */
const LEAVE = 3

/** Longest time without a turn of the event loop while there is work. */
const TURN_MS = 4
/** Completions of short tasks per look at the host's bell. */
const BELL_BATCH = 32
/** Looks of a searcher at the host's band per reading of the clock, and per look at everybody's queues. */
const LOOKS_PER_CLOCK = 8
const LOOKS_PER_ROUND = 32
/** Time between two looks at whether short tasks are more than those who are awake should do alone. */
const HELP_MS = 0.05
/** What has to wait, by the time that it takes, for each worker that is awake, to be worth waking another: some wake-ups. */
const WORTH_HELP_MS = 0.2
/** Below this the host is what everybody waits for, and another worker would only be in its way. */
const LEAST_HELPED_MS = 0.003
/** Before a sleep shorter than this a search should have paid. */
const SHORT_SLEEP_MS = 1

/** Runs a claimed task: see execute.ts. */
export interface TaskRunner {
  execute(id: number, slot: number, kinds: number): void
}

/** Looks after the children of this worker's tasks: see children.ts. */
export interface Tender {
  tend(): boolean
  hasNews(): boolean
  /** Children that have not settled. */
  readonly unsettled: number
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
  readonly #doubles: Float64Array
  readonly #worker: number
  readonly #finder: Finder
  readonly #idle: Idle
  readonly #ring: RingProducer
  readonly #ringTimes: number
  readonly #carrier: Carrier
  readonly #parking: Parking
  readonly #counters: number
  readonly #clockOffsetMs: number
  readonly #concurrentTasks: number
  readonly #budget: SpinBudget
  #runner: TaskRunner | undefined
  #tender: Tender | undefined
  /** The last reading of the clock, on the host's time. */
  #clockMs = 0
  /** When the event loop last turned. */
  #turnMs = 0
  #unrung = 0
  #completed = 0
  /** When `#callHelp` last looked, and how many tasks were completed then. */
  #helpMs = 0
  #helpCompleted = 0
  #parks = 0
  /** When the task ended whose result is on its way to the host, or 0. */
  #endMs = 0
  /** The mask that this worker's bit stands in while it is parked, or 0. */
  #parkedIn = 0
  #parkedMs = 0
  /** A completion met CONDEMNED: the host is about to terminate this thread. */
  #condemned = false
  /** It takes no tasks from others: in `runOwn`, and when it was told to leave. */
  #isRetiring = false
  #wasToldToLeave = false
  /** Async tasks that have started and not finished. */
  inFlight = 0
  /** Errands of the host that have not finished: they count towards no limit. */
  errands = 0
  /** Of these, claimed tasks that wait for their function. */
  loads = 0

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
    this.#doubles = memory.doubles
    this.#worker = options.worker
    this.#finder = finder
    this.#idle = idle
    this.#ring = ring
    this.#ringTimes = memory.ringTimes(options.worker)
    this.#carrier = carrier
    this.#parking = parking
    this.#counters = memory.counters(options.worker)
    this.#clockOffsetMs = options.clockOffsetMs
    this.#concurrentTasks = options.concurrentTasks
    this.#budget = new SpinBudget(options.spinMs)
  }

  /** Runs until the worker has been told to leave and has done what it had. */
  async run(runner: TaskRunner, tender: Tender): Promise<void> {
    this.#runner = runner
    this.#tender = tender
    for (;;) {
      this.#turnMs = this.now()
      const next = this.step()
      if (next === LEAVE) return
      if (next === PARK) await this.#parking.wait(this.#idle.rest)
      else await this.#parking.turn()
      this.unparked()
    }
  }

  /** Runs what tasks of this worker have called, and nothing else, until `work` has settled: for setup and teardown. */
  async runOwn(runner: TaskRunner, tender: Tender, work: Promise<unknown>): Promise<void> {
    let isOver = false
    const end = (): void => {
      isOver = true
      this.#parking.news()
    }
    work.then(end, end)
    this.#runner = runner
    this.#tender = tender
    this.#isRetiring = true
    while (!isOver) {
      this.#turnMs = this.now()
      const step = this.step()
      const next = step === LEAVE ? this.#waitAtLimit() : step // `work` goes on
      if (next === YIELD) await this.#parking.turn()
      else await this.#parking.wait(this.#idle.rest)
    }
    this.#isRetiring = this.#wasToldToLeave
  }

  /** Takes no more tasks from others. */
  retire(): void {
    this.#wasToldToLeave = true
    this.#isRetiring = true
    this.#parking.news()
  }

  /** Reads the clock: milliseconds on the host's time. */
  now(): number {
    this.#clockMs = clock.now() + this.#clockOffsetMs
    return this.#clockMs
  }

  /**
   * A task that this worker has claimed begins: from here on a death loses it. Returns its start. A reading of the clock costs as much as a short task, so one that follows another, or that a
   * search has just found, takes over the last reading: at most a few hundred ns old.
   */
  enter(slot: number, kinds: number): number {
    const started = (kinds & SHORT) === 0 ? this.now() : this.#clockMs
    poke(this.#words, slot + KINDS, kinds | ENTERED) // owned: claimed by this worker; read by who recovers it
    return started
  }

  /** Runs tasks until there is nothing to do or the event loop has waited long enough. */
  step(): number {
    const tender = this.#tender as Tender
    for (;;) {
      if (this.#condemned) return this.#awaitEnd()
      const atLimit = this.inFlight >= this.#concurrentTasks
      const id = atLimit ? this.#findChild() : this.#isRetiring ? this.#finder.findHeld() : this.#finder.find()
      if (id !== EMPTY) {
        this.runClaimed(id)
        tender.tend()
        if (this.#clockMs - this.#helpMs > HELP_MS) this.#callHelp()
        if (this.#clockMs - this.#turnMs > TURN_MS) return YIELD
        continue
      }
      if (tender.tend()) continue
      this.#flushBell()
      if (this.#isRetiring) return this.#mayLeave(tender) ? LEAVE : this.#waitAtLimit()
      if (atLimit) return this.#waitAtLimit()
      const outcome = this.#search()
      if (outcome !== FOUND) return outcome
      this.#restartHelp()
    }
  }

  /**
   * A worker with short tasks stays in SEARCHING, so nobody else is woken for what waits behind them. So it wakes one
   * itself when that would take those who are awake longer than it should; the woken one does the same.
   */
  #callHelp(): void {
    const taskMs = (this.#clockMs - this.#helpMs) / Math.max(1, this.#completed - this.#helpCompleted)
    this.#restartHelp()
    if (taskMs < LEAST_HELPED_MS) return
    const sleeping = load(this.#words, SLEEPING) // observe: who could help
    if (sleeping === 0) return
    const awake = countWorkers(load(this.#words, LIVE) & ~sleeping)
    if (this.#finder.countBacklog() * taskMs > WORTH_HELP_MS * awake) wakeRegardless(this.#memory)
  }

  #restartHelp(): void {
    this.#helpMs = this.#clockMs
    this.#helpCompleted = this.#completed
  }

  /** While one waits for its module, children are left to others: all of them would end up waiting here. */
  #findChild(): number {
    return this.loads > 0 ? EMPTY : this.#finder.findChild()
  }

  /**
   * A task of this worker has called a child, now one of `unsettled`: wakes somebody for it, and returns whether it did.
   *
   * A worker that kept its mark, for the task is usually short, gives it back at the second child: this one is no searcher
   * before that task ends, and what calls several may be long. A single child its parent mostly runs itself; a wake would
   * cost more than both (docs/decisions/0011). If it does not, the host's net finds that child.
   */
  wakeForChild(unsettled: number): boolean {
    if (unsettled > 1) this.#idle.stopSearch()
    return wakeOne(this.#memory)
  }

  /** Runs a task that this worker has claimed. */
  runClaimed(id: number): void {
    const slot = this.#memory.slot(id)
    const kinds = peek(this.#words, slot + KINDS) // owned: claimed by this worker
    if ((kinds & SHORT) === 0) {
      // It may take a while: let somebody else do the searching, and the host have what is done.
      this.#flushBell()
      this.#stopSearch()
    }
    this.#completed++
    const runner = this.#runner as TaskRunner
    runner.execute(id, slot, kinds)
  }

  /**
   * The result is about to be posted. That wakes the host, if it sleeps, which may take longer than the task has: a task that
   * were charged for it would count as long, nobody would poll for it, and so the host would sleep the next time, too.
   */
  noteEnd(): void {
    this.#endMs = this.now()
  }

  /** Records the completion of a task that this worker claimed; the result is in the slot already. */
  complete(id: number, slot: number, startedMs: number): void {
    pokeDouble(this.#doubles, (slot >> 1) + STARTED, startedMs) // owned: claimed by this worker
    if (id < this.#memory.hostSlots) this.#completeForHost(id, slot)
    else this.#completeChild(id, slot)
  }

  /** The end is read after the state is published, and stands in the record: the host that polls need not wait for it. */
  #completeForHost(id: number, slot: number): void {
    const short = (peek(this.#words, slot + KINDS) & SHORT) !== 0 // owned: claimed by this worker
    const endMs = this.#endMs
    this.#endMs = 0
    if (!this.#publishDone(slot)) return
    const place = this.#ring.place
    // owned: not below TAIL yet. In a full ring the place is that of a record which the host may be reading.
    if (this.#ring.tryPush(id)) pokeDouble(this.#doubles, this.#ringTimes + place, endMs || this.now())
    else or(this.#words, NOTICES, RESCAN) // publish: look at every slot; nobody waits for room
    this.#ring.publish()
    this.#unrung++
    if (!short || this.#unrung >= BELL_BATCH) this.#flushBell()
  }

  #completeChild(id: number, slot: number): void {
    pokeDouble(this.#doubles, (slot >> 1) + FINISHED, this.now()) // owned: claimed by this worker
    const submitter = this.#memory.submitterOf(id)
    if (submitter === this.#worker) {
      if (!this.#publishDone(slot)) return
      pushDone(this.#memory, submitter, id)
      this.#parking.news()
      return
    }
    store(this.#words, this.#counters + PUSHING, id + 1) // publish: before DONE, to Submissions.finishedWith
    const isAwaited = this.#publishDone(slot)
    if (isAwaited) pushDone(this.#memory, submitter, id)
    store(this.#words, this.#counters + PUSHING, 0) // publish: this thread is done with the slot
    if (isAwaited) unpark(this.#memory, submitter)
  }

  /** RUNNING → DONE, or what a death has made of it. False when nobody waits for the slot any more. */
  #publishDone(slot: number): boolean {
    const words = this.#words
    for (;;) {
      const word = load(words, slot + STATE) // observe: flags of joiners and of recovery
      if (stateOf(word) === CONDEMNED) {
        this.#condemned = true // the host has settled it and kills this thread: claim nothing more
        return false
      }
      if ((word & ORPHAN) !== 0) {
        this.#carrier.releaseResult(slot, peek(words, slot + KINDS)) // owned: nobody else reads an orphan's result
        store(words, slot + STATE, withState(word & ~ORPHAN, FREE)) // publish: to the dead submitter's successor
        return false
      }
      // publish: the result, to the submitter; the swap keeps flags that a joiner or a recovery may be setting
      if (compareExchange(words, slot + STATE, word, withState(word & ~WAITED, DONE)) !== word) continue
      if ((word & WAITED) !== 0) notify(words, slot + STATE, 1) // wake: the joiner on this very word
      return true
    }
  }

  /** After a wait: a waker has ended it and relies on this worker's looking, or there is news of its own. */
  unparked(): void {
    if (this.#parkedIn === 0) return
    const mask = this.#parkedIn
    this.#parkedIn = 0
    this.#idle.restore(mask)
    if (this.now() - this.#parkedMs < SHORT_SLEEP_MS) this.#budget.missed()
    else this.#budget.idled()
    this.#restartHelp()
    if (mask === SLEEPING && this.inFlight === 0) this.#idle.startSearch()
  }

  #flushBell(): void {
    if (this.#unrung === 0) return
    this.#unrung = 0
    ringHost(this.#memory)
    store(this.#words, this.#counters + COMPLETED, this.#completed) // publish: to the host's statistics
  }

  #search(): number {
    const allowed = this.#idle.startSearch()
    const spinMs = this.#budget.next()
    if (allowed && spinMs > 0) {
      const end = this.now() + spinMs
      for (let looks = 1; ; looks++) {
        if (this.#finder.hasHostWork()) return this.#found()
        if (looks % LOOKS_PER_CLOCK !== 0) continue
        const now = this.now()
        if (looks % LOOKS_PER_ROUND === 0 && this.#finder.hasWork()) return this.#found()
        if (now >= end) break
        if (now - this.#turnMs > TURN_MS) return YIELD
      }
    }
    return this.#park()
  }

  #found(): number {
    this.#budget.paid()
    return FOUND
  }

  #park(): number {
    if (this.inFlight > 0) {
      // Its event loop may be running user code: it can be woken, but nobody relies on its searching.
      this.#parkedIn = LISTENING
    } else this.#parkedIn = SLEEPING
    this.#parkedMs = this.#clockMs
    this.#idle.prepare(this.#parkedIn)
    const hasWork = this.#finder.hasWork()
    if (hasWork || (this.#tender as Tender).hasNews()) {
      this.unparked()
      if (hasWork) this.#budget.paid()
      return YIELD
    }
    store(this.#words, this.#counters + PARKS, ++this.#parks) // publish: to the host's statistics
    store(this.#words, this.#counters + COMPLETED, this.#completed)
    return PARK
  }

  /** Nothing is left that only this worker can do. Then somebody else does the searching. */
  #mayLeave(tender: Tender): boolean {
    if (this.inFlight > 0 || this.errands > 0 || tender.unsettled > 0) return false
    this.#stopSearch()
    return true
  }

  /** Others may have relied on this one's looking: the last searcher wakes one for what is there. */
  #stopSearch(): void {
    if (this.#idle.stopSearch() && this.#finder.hasWork()) wakeOne(this.#memory)
  }

  /** Its thread is about to be terminated: somebody else does the searching, and no news that came before ends the wait. */
  #awaitEnd(): number {
    this.#stopSearch()
    this.#idle.clearNews()
    return PARK
  }

  /** At its limit a worker sets no bit: nobody may count on it. Its own tasks, and its children, wake it. */
  #waitAtLimit(): number {
    this.#stopSearch()
    this.#idle.clearNews()
    return (this.#tender as Tender).hasNews() ? YIELD : PARK
  }
}
