/**
 * How the host waits for completions without being in anybody's way: right after the calls by polling for a few
 * microseconds, then once per turn of the event loop, then, when nothing has come for a while, by a waitAsync.
 *
 * Settling only resolves promises; user code runs in later microtasks. Nobody polls once the event loop has waited for
 * a millisecond, so timers and sockets of the application go on whatever is called.
 */
import { add, load, notify, store, wait, waitAsync } from '#atomics'
import {
  BELL,
  BLOCK_BELL,
  countWorkers,
  HOST_AWAKE,
  HOST_BLOCKED,
  HOST_PARKED,
  HOST_STATE,
  hasChildren,
  LIVE,
  type Recovered,
  SEARCHING,
  SLEEPING,
  type TeamMemory,
  takeNews,
  wakeOne,
  wakeRegardless,
} from '../scheduler/index.js'
import type { Call, CallSite } from './calls.js'
import type { Arguments } from './codec/index.js'
import { isShort } from './definition.js'
import type { Dispatcher } from './dispatcher.js'
import { clock, type Turns } from './platform-node.js'
import { SpinBudget } from './spin-budget.js'

/** Longest stretch of polling and settling without a turn of the event loop. */
const TURN_MS = 1
/** Most calls that one turn settles. */
const DRAIN_LIMIT = 4096
/** The loop turns for this long past the last completion before it parks. */
const LINGER_MS = 0.1
/**
 * The same after a worker was woken that has not slept for long: if it shares this core, it has run as soon as it was
 * woken, and if not, a host that has parked meanwhile takes as long to come back.
 */
const WOKEN_LINGER_MS = 0.3
/** After a pause longer than this a worker that is woken takes its time, and may need this very core for it. */
const PAUSE_MS = 1
/**
 * While long tasks queue up, what is done is collected once in this time: turning the loop meanwhile would take as much of
 * a core as a worker has, and the results cannot be worth much before those that still wait.
 */
const REST_MS = 1
/** Only if the queue lasts for so many rests. */
const LEAST_RESTS = 2
/** Work that nobody has touched for this long wakes one more worker; the wait doubles while that does not help. */
const RESCUE_MS = 1
const MOST_RESCUE_MS = 1_000
/** While tasks run, children may come that the host does not hear of: it looks for them this often, at least. */
const LOOK_MS = 50
/** A blocked host looks for deaths and deadlines this often. */
const BLOCK_MS = 20
/** Calls of one stretch that are polled for one by one, in order. */
const RECENT = 64
const STAMP_MASK = 7
/** Looks at a slot per reading of the clock. */
const LOOKS_PER_CLOCK = 4

export class HostLoop {
  readonly #memory: TeamMemory
  readonly #words: Int32Array
  readonly #dispatcher: Dispatcher
  readonly #turns: Turns
  readonly #spinMs: number
  readonly #budget: SpinBudget
  readonly #questionBudget: SpinBudget
  readonly #onTurn: () => void
  readonly #pump = (): void => this.#onPump()
  readonly #flush = (): void => this.#onFlush()
  #pumpScheduled = false
  #flushScheduled = false
  #armed = false
  #turnMs = 0
  #stampMs = 0
  #stamps = 0
  #progressMs = 0
  /** 0 when one was woken after a pause, until something has come back: no polls, no turns (docs/decisions/0014). */
  #lingerMs = LINGER_MS
  #rescueMs = RESCUE_MS
  #rescuePending = false
  #holding = false
  /** The pump comes after a rest, not in the next turn. */
  #isResting = false
  /** Calls settled per ms, measured about every ms while calls are out. */
  #rate = 0
  #rateMs = 0
  #rateSettled = 0
  #isEnded = false
  readonly #recent = new Int32Array(RECENT)
  #recentCount = 0
  #polled = 0

  /** `onTurn` runs once per turn of the event loop while calls are unsettled, and when the last one has settled. */
  constructor(memory: TeamMemory, dispatcher: Dispatcher, turns: Turns, spinMs: number, onTurn: () => void) {
    this.#memory = memory
    this.#words = memory.words
    this.#dispatcher = dispatcher
    this.#turns = turns
    this.#spinMs = spinMs
    this.#budget = new SpinBudget(spinMs)
    this.#questionBudget = new SpinBudget(spinMs)
    this.#onTurn = onTurn
  }

  /** As `Dispatcher.launch`; `launched` must follow. */
  launch(site: CallSite, args: Arguments): number {
    const id = this.#dispatcher.launch(site, args)
    const short = isShort(site.definition)
    // The first call of a stretch wakes somebody, and so does each that may take a while; short ones leave it to flush.
    if (!this.#flushScheduled) {
      this.#dispatcher.publish()
      this.wake(short)
    } else if (!short) this.wake(false)
    return id
  }

  launched(id: number, call: Call): void {
    this.#dispatcher.adopt(id, call)
    // Read only now: the clock costs as much as the way to the worker, and that has begun.
    call.submittedMs = this.#submitted(id, isShort(call.site.definition))
  }

  /**
   * After each submission; `id` is the call's slot, or negative. Returns the time, on this thread's clock: within one
   * stretch (no microtask in between) of calls of short functions every eighth reads it and the others take that over.
   */
  #submitted(id: number, short: boolean): number {
    if (this.#isResting && this.#dispatcher.slots.urgentOutstanding > 0) this.#wakeUp()
    if (this.#recentCount < RECENT) this.#recent[this.#recentCount++] = id
    if (this.#flushScheduled) {
      if (!short || (++this.#stamps & STAMP_MASK) === 0) this.#stampMs = clock.now()
      return this.#stampMs
    }
    this.#flushScheduled = true
    void RESOLVED.then(this.#flush)
    this.#stampMs = clock.now()
    if (!this.#pumpScheduled) {
      if (this.#lingerMs === WOKEN_LINGER_MS && this.#stampMs - this.#turnMs > PAUSE_MS) this.#lingerMs = 0
      this.#turnMs = this.#stampMs
      this.#progressMs = this.#stampMs
      this.#schedule()
    }
    return this.#stampMs
  }

  /** A worker has died: what it ran is lost or runs again, what it held is handed out, and somebody is awake to take it. */
  recovered({ lost, queued }: Recovered, error: (call: Call) => Error): void {
    this.#dispatcher.recovered(lost, queued, error)
    if (this.#dispatcher.unsettled > 0) wakeOne(this.#memory)
    this.nudge()
  }

  /** Something happened outside of a completion, for instance a death: look in the next turn. */
  nudge(): void {
    if (!this.#pumpScheduled) this.#schedule()
  }

  /** Settles what is done, and hands what waited for room to the workers. Returns how many calls that were. */
  advance(): number {
    const settled = this.#dispatcher.drain(DRAIN_LIMIT)
    const placed = this.#dispatcher.refill()
    if (placed > 0) this.wake(true) // it may be that all have gone to sleep while it waited
    return settled + placed
  }

  /** The pool has ended. A waitAsync that nobody wakes would keep all of it alive as long as the process. */
  end(): void {
    this.#isEnded = true
    add(this.#words, BELL, 1)
    notify(this.#words, BELL, 1) // wake: the own waiter, from park
  }

  /** Blocks until `settled()` or the deadline; `watch` looks for deaths. True when settled. */
  block(settled: () => boolean, deadlineMs: number, watch: () => void): boolean {
    this.#dispatcher.publish()
    this.wake(true)
    for (;;) {
      const progress = this.advance()
      if (settled()) break
      const now = clock.now()
      if (now >= deadlineMs) break
      if (progress > 0) {
        this.#progressMs = now
        this.#lingerMs = LINGER_MS
        this.#rescueMs = RESCUE_MS
        continue
      }
      this.#rescue(now)
      const seen = load(this.#words, BLOCK_BELL)
      store(this.#words, HOST_STATE, HOST_BLOCKED) // park: before the last look, so that a completion is seen or rings
      if (this.#dispatcher.drain(DRAIN_LIMIT) === 0) {
        const waitMs = Math.min(BLOCK_MS, deadlineMs - now)
        if (takeNews(this.#memory) || wait(this.#words, BLOCK_BELL, seen, waitMs) === 'timed-out') watch() // park: until ringHost
      }
      store(this.#words, HOST_STATE, HOST_AWAKE)
    }
    this.nudge()
    return settled()
  }

  /** The microtask after a stretch of calls. */
  #onFlush(): void {
    this.#flushScheduled = false
    const count = this.#recentCount
    this.#recentCount = 0
    if (count > 1) {
      this.#dispatcher.publish()
      this.wake(true)
    }
    if (this.#spinMs === 0 || this.#lingerMs === 0) return
    if (this.#dispatcher.slots.longOutstanding > 0) {
      if (this.#dispatcher.mayBeAsked) this.#pollQuestion()
      return
    }
    if (this.#stampMs - this.#turnMs > TURN_MS) return
    if (count < RECENT) this.#pollRecent(count)
    else this.#drainFlood()
  }

  /** A few calls: polls for each on its own slot, in order. */
  #pollRecent(count: number): void {
    const { slots } = this.#dispatcher
    const spinMs = this.#budget.next()
    if (spinMs === 0) {
      this.#budget.missed()
      return
    }
    let end = this.#stampMs + spinMs
    let now = this.#stampMs
    for (let i = 0; i < count; i++) {
      const id = this.#recent[i] as number
      if (id < 0) continue
      for (let looks = 1; !slots.poll(id, now) && slots.callAt(id) !== undefined; looks++) {
        if (looks % LOOKS_PER_CLOCK !== 0) continue
        now = clock.now()
        if (this.#dispatcher.answer()) end = clock.now() + spinMs // it begins only now
        if (now <= end) continue
        this.#budget.missed()
        return
      }
    }
    this.#budget.paid()
    // The records of what was polled for still lie in the completion rings.
    this.#polled += count
    if (this.#polled <= MOST_POLLED) return
    this.#polled = 0
    this.#dispatcher.drain(DRAIN_LIMIT)
  }

  /** Whatever a task takes: a worker that is awake asks for what it is to have at once. */
  #pollQuestion(): void {
    const spinMs = this.#questionBudget.next()
    for (const end = this.#stampMs + spinMs; clock.now() < end; ) {
      if (!this.#dispatcher.answer()) continue
      this.#questionBudget.paid()
      return
    }
    this.#questionBudget.missed()
  }

  /** Many calls: settles what is there, as long as more keeps coming. */
  #drainFlood(): void {
    let now = clock.now()
    for (let end = now + this.#spinMs; now < end; now = clock.now()) {
      if (this.advance() === 0) continue
      if (this.#dispatcher.unsettled === 0 || now - this.#turnMs > TURN_MS) return
      end = now + this.#spinMs
    }
  }

  /**
   * After a publication: wakes a worker unless somebody searches, or, when what was published is short, unless a worker
   * that is awake will be there sooner. Who is not in SLEEPING now looks at the queues once more before it parks.
   */
  wake(short: boolean): void {
    const words = this.#words
    if (load(words, SEARCHING) !== 0) return // observe: a searcher looks again before it parks
    const sleeping = load(words, SLEEPING) // observe: set before the last look of who parks
    if (sleeping !== 0 && short) {
      const awake = countWorkers(load(words, LIVE) & ~sleeping)
      if (awake > this.#dispatcher.slots.longOutstanding && this.#dispatcher.backlog < SHORT_BACKLOG) return
    }
    if (wakeOne(this.#memory)) this.#lingerMs = WOKEN_LINGER_MS
  }

  /** Once per turn of the event loop. */
  #onPump(): void {
    this.#pumpScheduled = false
    store(this.#words, HOST_STATE, HOST_AWAKE)
    const progress = this.advance()
    if (progress > 0) this.#lingerMs = LINGER_MS
    this.#onTurn()
    if (this.#dispatcher.unsettled === 0) {
      if (this.#holding) {
        this.#holding = false
        this.#turns.letGo()
      }
      return
    }
    const now = clock.now()
    this.#turnMs = now
    this.#measure(now, progress)
    if (progress > 0) {
      this.#progressMs = now
      this.#rescueMs = RESCUE_MS
      if (this.#dispatcher.backlog > 0) this.wake(true)
    }
    if (progress > 0 && this.#mayRest()) this.#rest()
    else if (now - this.#progressMs < this.#lingerMs) this.#schedule()
    else this.#park(now)
  }

  #measure(now: number, settled: number): void {
    this.#rateSettled += settled
    const ms = now - this.#rateMs
    if (ms < REST_MS) return
    this.#rate = this.#rateSettled / ms
    this.#rateMs = now
    this.#rateSettled = 0
  }

  /** After progress only: when nothing comes back, `#park` and its net have to look. */
  #mayRest(): boolean {
    const { slots, backlog, mayBeAsked } = this.#dispatcher
    if (mayBeAsked) return false // a worker would wait as long
    return slots.longOutstanding > 0 && slots.urgentOutstanding === 0 && backlog > this.#rate * REST_MS * LEAST_RESTS
  }

  /** Nobody rings meanwhile: the host counts as awake. */
  #rest(): void {
    this.#hold()
    this.#pumpScheduled = true
    this.#isResting = true
    this.#turns.later(this.#endRest, REST_MS)
  }

  readonly #endRest = (): void => {
    if (!this.#isResting) return
    this.#isResting = false
    this.#onPump()
  }

  #wakeUp(): void {
    this.#isResting = false
    this.#schedule()
  }

  #hold(): void {
    if (this.#holding) return
    this.#holding = true
    this.#turns.hold()
  }

  #park(now: number): void {
    this.#hold()
    const seen = load(this.#words, BELL)
    store(this.#words, HOST_STATE, HOST_PARKED) // park: before the last look, so that a completion is seen or rings
    if (this.#dispatcher.drain(DRAIN_LIMIT) > 0) {
      this.#progressMs = now
      this.#schedule()
      return
    }
    if (this.#rescue(now) && !this.#rescuePending) {
      this.#rescuePending = true
      this.#turns.later(this.#rescueTurn, this.#rescueMs)
    }
    if (this.#armed) return // the one waitAsync is still out, on a bell that has not rung
    const waiter = waitAsync(this.#words, BELL, seen, Number.POSITIVE_INFINITY) // park: until ringHost
    if (!waiter.async) {
      this.#schedule()
      return
    }
    this.#armed = true
    void waiter.value.then(() => {
      this.#armed = false
      if (!this.#isEnded) this.nudge()
    })
  }

  readonly #rescueTurn = (): void => {
    this.#rescuePending = false
    if (this.#dispatcher.unsettled > 0) this.nudge()
  }

  /**
   * The net under the wake protocol's economies (a short task that is not, a wake that was saved): wakes one more worker
   * when there are more tasks than awake workers, or children in a deque, and nothing has come back for a while. True if
   * it has to look again.
   */
  #rescue(now: number): boolean {
    const live = load(this.#words, LIVE)
    const sleeping = load(this.#words, SLEEPING)
    const awake = countWorkers(live & ~sleeping)
    const tasksWait = sleeping !== 0 && this.#dispatcher.slots.outstanding > awake
    // Nobody tells the host of a child: as long as somebody may call one that another could run, it looks.
    const mayHaveChildren = awake > 0 && countWorkers(live) > 1
    if (!tasksWait && !mayHaveChildren) return false
    if (now - this.#progressMs < this.#rescueMs) return true
    const waits = tasksWait || hasChildren(this.#memory)
    if (waits) wakeRegardless(this.#memory)
    this.#rescueMs = Math.min(waits ? MOST_RESCUE_MS : LOOK_MS, this.#rescueMs * 2)
    return true
  }

  #schedule(): void {
    this.#pumpScheduled = true
    this.#turns.next(this.#pump)
  }
}

/** A backlog of short tasks above this is worth the wake of a second worker. */
const SHORT_BACKLOG = 256
const RESOLVED = Promise.resolve()
/** Calls that were settled by polling before their records are cleared away. */
const MOST_POLLED = 1_024
