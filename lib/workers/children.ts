/**
 * A worker as submitter: the children of the tasks that it runs. They go to the bottom of its own deque, where idle
 * workers steal from the top; a blocking wait runs them itself. Worker thread only.
 */
import { compareExchange, exchange, load, peek, store, wait } from '#atomics'
import { SyncWaitError, WorkerLostError } from '../errors.js'
import {
  CANCELLED,
  DONE,
  EMPTY,
  executorOf,
  generationOf,
  LOST,
  ORPHAN,
  packState,
  QUEUED,
  RUNNING,
  stateOf,
  tryClaim,
  WAITED,
} from '../ring-buffer/index.js'
import {
  countWorkers,
  deathsWord,
  type Finder,
  FUNCTION,
  hasDone,
  LIVE,
  ringHost,
  SEARCHING,
  STATE,
  type TeamMemory,
  takeDone,
  WANTED,
  wakeOne,
} from '../scheduler/index.js'
import { type Call, WITHDRAWN } from './calls.js'
import { hasMoves, kept } from './codec/index.js'
import { isEvaluatedHere } from './definition.js'
import type { Executor } from './execute.js'
import { type Child, type Family, isAsyncFunction } from './family.js'
import type { Functions } from './functions.js'
import type { MainLoop, Tender } from './main-loop.js'
import type { Parking } from './parking.js'
import type { Submissions } from './submissions.js'

/** Looks at the slot before a join sleeps, about the price of a wake-up. */
const JOIN_SPINS = 2_000
/** Looks at the slot per look for other work: what must not run here is claimed and put back. */
const HELP_PERIOD = 64
/** A sleeping join looks again this often, for children that it could help with meanwhile. */
const JOIN_WAIT_MS = 1

export class Children implements Tender {
  readonly #memory: TeamMemory
  readonly #worker: number
  readonly #slots: Submissions
  readonly #finder: Finder
  readonly #functions: Functions
  readonly #loop: MainLoop
  readonly #executor: Executor
  readonly #parking: Parking
  readonly #done: number[] = []
  /** Done, and what their results name has to come by way of the host. */
  readonly #unannounced: number[] = []
  #hasAsked = false
  /** The done stack, or the word of deaths, is to be looked at even if no child is out. */
  #isTold = false
  /** Children that no other thread can run (a function that is defined in the middle of a task), or that found no slot. */
  readonly #local: Child[] = []

  constructor(
    memory: TeamMemory,
    worker: number,
    slots: Submissions,
    finder: Finder,
    functions: Functions,
    loop: MainLoop,
    executor: Executor,
    parking: Parking,
  ) {
    this.#memory = memory
    this.#worker = worker
    this.#slots = slots
    this.#finder = finder
    this.#functions = functions
    this.#loop = loop
    this.#executor = executor
    this.#parking = parking
  }

  /** The task that makes a call right now, or undefined outside of all tasks. */
  get family(): Family | undefined {
    return this.#executor.family
  }

  submit(call: Child): void {
    const number = this.#functions.numberOf(call.site.definition)
    // There is no way for moved values to another worker: such a child runs here.
    const staysHere = number === undefined || hasMoves(call.args)
    const id = staysHere ? EMPTY : this.#place(call, number as number)
    if (id !== EMPTY) {
      this.#slots.adopt(id, call)
      const task = this.#functions.get(number as number)
      // A remote function is still to be found, and one that came as an argument may be.
      if (task !== undefined && isEvaluatedHere(call.site.definition))
        task.fn ??= call.site.definition.fn as (...args: unknown[]) => unknown
      if (this.#finder.deque.tryPush(id)) {
        if (!this.#loop.wakeForChild(this.#slots.outstanding) && !this.#hasAsked) this.#askForThreads()
        this.#parking.news()
        return
      }
      if (!this.#slots.cancel(call)) return // an old hint to this slot has led somebody to it
    }
    call.slot = LOCAL
    call.args = kept(call.args)
    this.#local.push(call)
    this.#parking.news()
  }

  /** What has finished, or was a predecessor's, may have a slot for it. */
  #place(call: Child, number: number): number {
    const id = this.#slots.place(call.site, call.args, number)
    if (id !== EMPTY || !this.#settle()) return id
    return this.#slots.place(call.site, call.args, number)
  }

  now(): number {
    return this.#loop.now()
  }

  /** True if the call had not started. */
  cancel(call: Child): boolean {
    if (call.slot >= 0) return this.#slots.cancel(call)
    const index = this.#local.indexOf(call)
    if (index < 0) return false
    this.#local.splice(index, 1)
    call.slot = WITHDRAWN
    return true
  }

  isQueued(call: Child): boolean {
    return call.slot >= 0 ? this.#slots.isQueued(call) : this.#local.includes(call)
  }

  /** The host sees roots only: tells it, once, that the pool has fewer threads than it may have and more work than threads. */
  #askForThreads(): void {
    const { words, workers } = this.#memory
    if (load(words, SEARCHING) !== 0) return
    this.#hasAsked = true
    if (countWorkers(load(words, LIVE)) >= workers) return
    store(words, WANTED, 1) // publish: to the host's next turn
    ringHost(this.#memory)
  }

  /** Settles what has finished; runs one child that only this thread can run. True if there was anything. */
  tend(): boolean {
    let any = false
    if (this.#slots.outstanding > 0 || this.#isTold) {
      this.#isTold = false
      any = this.#settle()
    }
    if (this.#local.length === 0) return any
    this.#executor.runLocal(this.#local.shift() as Child)
    return true
  }

  get unsettled(): number {
    return this.#slots.outstanding + this.#local.length
  }

  /** The look before parking. What it sees may concern a predecessor's children, with none of its own out. */
  hasNews(): boolean {
    this.#isTold =
      hasDone(this.#memory, this.#worker) ||
      load(this.#memory.words, this.#deaths) !== 0 || // observe: marked by recover
      this.#slots.finishedWith().length > 0 ||
      this.#unannounced.length > 0
    return this.#isTold || this.#local.length > 0
  }

  /**
   * Waits on this thread's stack until `settled()` or the deadline, and helps meanwhile: runs the awaited child itself,
   * then other children of its own deque, then what the child's executor has spawned (leapfrogging: Wagner and Calder,
   * PPoPP 1993). It runs no foreign task, whose time would be charged to this one.
   *
   * A child that is declared async is refused wherever it is: whether this thread would have to run it depends on who
   * steals it, and what works by luck fails in production.
   * @throws SyncWaitError when the child is async, or needs this thread's event loop
   */
  block(call: Child, settled: () => boolean, deadlineMs: number): boolean {
    if (isAsyncFunction(call.site.definition.fn)) throw needsEventLoop(call)
    for (let idle = 0; !settled(); ) {
      // A reading of the clock costs as much as a small child: only who has a deadline pays.
      if (deadlineMs !== Number.POSITIVE_INFINITY && performance.now() >= deadlineMs) return false
      // What could not be run here lies in the own deque again: look for other help only once in a while.
      if (this.#help(call, idle >= JOIN_SPINS || idle % HELP_PERIOD === 0)) {
        idle = 0
        continue
      }
      if (settled()) return true
      if (idle++ >= JOIN_SPINS) this.#sleepOn(call, deadlineMs)
    }
    return true
  }

  get #deaths(): number {
    return deathsWord(this.#memory, this.#worker)
  }

  #help(call: Child, mayHelp: boolean): boolean {
    if (this.#slots.outstanding > 0 && this.#settle()) return true
    const local = this.#local.indexOf(call)
    if (local >= 0) {
      this.#local.splice(local, 1)
      this.#executor.runLocal(call)
      return true
    }
    if (call.slot < 0) return this.#helpReturned(call, call, mayHelp)
    const { words } = this.#memory
    const offset = this.#memory.slot(call.slot) + STATE
    const word = load(words, offset) // observe: who has it
    if (stateOf(word) === QUEUED) {
      if (tryClaim(words, offset, this.#worker) === EMPTY) return true
      this.#loop.runClaimed(call.slot)
      this.#dropStaleHints()
      return true
    }
    if (stateOf(word) !== RUNNING) return false
    const executor = executorOf(word)
    if (executor === this.#worker) return this.#helpReturned(call.slot, call, mayHelp)
    return mayHelp && this.#runAnother(executor)
  }

  /**
   * For a child that was run here: what it waits for, if it has returned and left children behind. Those are awaited as
   * it is itself: run here, helped, refused.
   */
  #helpReturned(key: number | Child, call: Child, mayHelp: boolean): boolean {
    const family = this.#executor.familyOfReturned(key)
    if (family === undefined) throw needsEventLoop(call)
    if (!mayHelp) return false // the search below is long
    const left = this.#membersOf(family)
    if (left.length === 0) throw needsEventLoop(call) // they are under way in this thread's event loop
    for (const child of left) {
      if (isAsyncFunction(child.site.definition.fn)) throw needsEventLoop(child)
      if (this.#help(child, true)) return true
    }
    return false
  }

  #membersOf(family: Family): Child[] {
    const members = this.#local.filter((child) => child.family === family)
    for (const id of this.#slots.ids()) {
      const child = this.#slots.callAt(id) as Child
      if (child.family === family) members.push(child)
    }
    return members
  }

  /** A child that is claimed by its slot leaves its hint in the deque: those at the bottom go, or they would fill it. */
  #dropStaleHints(): void {
    const { deque } = this.#finder
    for (let id = deque.bottom(); id !== EMPTY; id = deque.bottom()) {
      if (stateOf(load(this.#memory.words, this.#memory.slot(id) + STATE)) === QUEUED) return // observe: still to be run
      deque.pop()
    }
  }

  /** Runs another child of the own deque, or one that `executor` has spawned, if it cannot need this thread's event loop. */
  #runAnother(executor: number): boolean {
    const own = this.#finder.findChild()
    if (own !== EMPTY) {
      if (!this.#mayRunHere(own) && this.#undo(own, this.#memory.slot(own))) return false
      this.#loop.runClaimed(own)
      return true
    }
    // Judged before it is taken: put back, it would lie in the deque of a thread that is blocked.
    const id = this.#finder.topAt(executor)
    if (id === EMPTY || !this.#mayRunHere(id) || !this.#finder.takeAt(executor, id)) return false
    if (!this.#mayRunHere(id) && this.#undo(id, this.#memory.slot(id))) return false
    this.#loop.runClaimed(id)
    return true
  }

  /** Known to be loaded here, and to have returned a value rather than a promise. */
  #mayRunHere(id: number): boolean {
    // Tolerated race before the claim: a hint; after it: owned.
    return this.#functions.get(peek(this.#memory.words, this.#memory.slot(id) + FUNCTION))?.kind === 'sync'
  }

  /** A claim that turned out wrong: the task is queued again, for anybody. False when there is no room for its hint. */
  #undo(id: number, slot: number): boolean {
    const { words } = this.#memory
    for (;;) {
      const word = load(words, slot + STATE) // observe: flags that were set meanwhile
      if (stateOf(word) !== RUNNING) return false // condemned
      const queued = packState(QUEUED, 0, generationOf(word)) | (word & (WAITED | ORPHAN))
      if (compareExchange(words, slot + STATE, word, queued) !== word) continue // publish: to whoever claims it
      if (this.#finder.deque.tryPush(id)) {
        wakeOne(this.#memory)
        return true
      }
      return tryClaim(words, slot + STATE, this.#worker) === EMPTY // no room: run it after all, unless others have it
    }
  }

  /** Sleeps on the slot's own word; who changes its state sees WAITED and notifies. */
  #sleepOn(call: Child, deadlineMs: number): void {
    if (call.slot < 0) return
    const { words } = this.#memory
    const offset = this.#memory.slot(call.slot) + STATE
    const word = load(words, offset)
    const left = Math.min(JOIN_WAIT_MS, deadlineMs - performance.now())
    if (stateOf(word) !== RUNNING || left <= 0) return
    const waited = word | WAITED
    if (compareExchange(words, offset, word, waited) !== word) return // publish: notify me, to the executor
    wait(words, offset, waited, left) // park: until the state changes, or there may be something to help with
  }

  #settle(): boolean {
    const { words } = this.#memory
    const deaths = load(words, this.#deaths) === 0 ? 0 : exchange(words, this.#deaths, 0) // observe: marked by recover
    const inherited = this.#slots.finishedWith() // before the stack is taken: none of them comes to lie in it after that
    let any = takeDone(this.#memory, this.#worker, this.#done) + inherited.length > 0
    if (this.#unannounced.length > 0) this.#done.push(...this.#unannounced.splice(0))
    while (this.#done.length > 0) {
      const id = this.#done.pop() as number
      if (this.#slots.hasArrived(id)) any = this.#slots.poll(id, Number.NaN) || any
      else this.#unannounced.push(id)
    }
    for (const id of inherited) this.#slots.releaseInherited(id)
    if (deaths !== 0) any = this.#settleAfterDeath() || any
    return any
  }

  /** Children that a dead executor left without a record: lost, or done and marked by the recovery. */
  #settleAfterDeath(): boolean {
    let any = false
    for (const id of this.#slots.ids()) {
      const word = load(this.#memory.words, this.#memory.slot(id) + STATE) // observe: marked by recover
      if (stateOf(word) === LOST || stateOf(word) === CANCELLED) {
        any = true
        if (this.#slots.lose(id, lostError) && !this.#finder.deque.tryPush(id)) this.#claimHere(id)
      } else if (stateOf(word) === DONE && (word & ORPHAN) !== 0) any = this.#slots.poll(id, Number.NaN) || any
    }
    return any
  }

  /** The deque is full: nobody will find it, so it runs here and now. */
  #claimHere(id: number): void {
    if (tryClaim(this.#memory.words, this.#memory.slot(id) + STATE, this.#worker) !== EMPTY) this.#loop.runClaimed(id)
  }
}

/** `Call.slot` of a child that never leaves this thread. */
const LOCAL = -3

function lostError(call: Call): Error {
  return new WorkerLostError(
    `worker ${call.executor} died while it ran the child task "${call.site.definition.name}"`,
    undefined,
  )
}

function needsEventLoop(call: Child): SyncWaitError {
  return new SyncWaitError(
    `task "${call.site.definition.name}" is asynchronous: get() and wait() in a task would block the event loop that it may need, ` +
      'that of this very thread. Use await.',
  )
}
