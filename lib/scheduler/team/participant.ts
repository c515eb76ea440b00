/**
 * One participant of a team, for the one thread that joined with its number. Every method may be called by that thread only.
 *
 * Nothing blocks but `park`. `submit`, `push` and `recover` may be called while `parkAsync` is pending.
 */
import { peek, poke, store, wait, waitAsync } from '#atomics'
import { EMPTY, RETRY, tryClaim } from '../../ring-buffer/index.js'
import { nowUs } from '../clock.js'
import { ASLEEP, Idle, unpark, wakeOne } from '../idle.js'
import { AGING_PERIOD, SLEEPING } from '../layout.js'
import { requireInteger, STATE, TASK, type TeamMap } from './map.js'
import { enter, exit } from './membership.js'
import { nextFree, type Recovered, recover } from './recovery.js'
import { Search } from './search.js'
import { Stock } from './stock.js'

/** One at a time spins: how many cores there are is not known here. */
const MAX_SEARCHERS = 1
const MAX_TASK = 2 ** 31 - 1
const NOTHING = -1

export class Participant {
  readonly id: number
  readonly #map: TeamMap
  readonly #words: Int32Array
  readonly #stock: Stock
  readonly #search: Search
  readonly #idle: Idle
  readonly #hand: number
  readonly #park: number
  readonly #spinUs: number
  #joined = true
  /** A parkAsync is pending. */
  #parked = false
  /** Word offset of the slot of the task that runs here, or NOTHING. */
  #running = NOTHING
  /** Claims since the last one in turn. */
  #claims = 0

  /** @internal Embedders use `Team.join`. */
  constructor(map: TeamMap, id: number, spinUs: number) {
    this.id = id
    this.#map = map
    this.#words = map.words
    this.#stock = new Stock(map, id)
    this.#search = new Search(map, id, this.#stock)
    this.#idle = new Idle(map, id + 1, MAX_SEARCHERS)
    this.#hand = map.hand(id)
    this.#park = map.park(id + 1)
    this.#spinUs = spinUs
  }

  /** @internal */
  static join(map: TeamMap, id: number, spinUs: number): Participant {
    enter(map, id)
    const participant = new Participant(map, id, spinUs)
    participant.#stock.resume()
    return participant
  }

  /**
   * Gives the team a task, an integer from 0 to 2^31 - 1, and wakes at most one sleeper. Tasks of one participant and band are
   * found in the order in which they were submitted. `band` is from 0 to `bands - 1`, higher first; default: the middle one.
   *
   * Never refuses. What finds no room in the region (`capacity` per participant and band) stays in this thread's own memory, in
   * order, and moves when there is room and this participant next calls anything. Until then no other participant can find it, and
   * if this thread dies it is gone: a participant that only submits needs enough capacity, or has to look for work now and then.
   * @throws RangeError for a task or band that is out of range
   */
  submit(task: number, band?: number): void {
    requireTask(task)
    const { bands } = this.#map
    if (band !== undefined) requireInteger('band', band, 0, bands - 1, ': create the team with more bands')
    this.#requireJoined()
    this.#stock.refill()
    this.#stock.add(band ?? bands >> 1, task)
    wakeOne(this.#map)
  }

  /**
   * As `submit`, to this participant's own deque: it finds what it pushed last first, the others steal the oldest. For the parts
   * of a task that is running here.
   * @throws RangeError for a task that is out of range
   */
  push(task: number): void {
    requireTask(task)
    this.#requireJoined()
    this.#stock.refill()
    this.#stock.add(this.#map.bands, task)
    wakeOne(this.#map)
  }

  /**
   * A task that is this participant's to run, or EMPTY (-1) after looking everywhere, for `spinUs` if nothing is there. It
   * counts as running until the next call of `findWork`, `park`, `parkAsync` or `leave`, which says that it is done.
   */
  findWork(): number {
    this.#requireAwake()
    this.#finish()
    this.#refill()
    let task = this.#take()
    if (task === EMPTY && this.#spinUs > 0) task = this.#spin()
    if (task !== EMPTY) {
      // The last one that searched sees to the rest.
      if (this.#idle.stopSearch() && this.#search.hasWork()) wakeOne(this.#map)
      return task
    }
    if (this.#idle.isSearching) {
      // A submitter may have relied on this mark until a moment ago: one more look without it.
      this.#idle.stopSearch()
      task = this.#take()
      if (task !== EMPTY && this.#search.hasWork()) wakeOne(this.#map)
    }
    if (task === EMPTY) this.#stock.tidy()
    return task
  }

  /**
   * Blocks this thread until there may be work, at most `timeout` ms (default: for ever). After 'woken' call `findWork`: the
   * one who woke this participant relies on it. Returns 'woken' at once when there is work already.
   * @throws RangeError for a timeout that is no number from 0
   */
  park(timeout?: number): 'woken' | 'timed-out' {
    const limitMs = requireTimeout(timeout)
    if (this.#prepare()) return 'woken'
    return this.#unpark(wait(this.#words, this.#park, ASLEEP, limitMs) === 'timed-out') // park: until woken
  }

  /**
   * As `park`, while this thread's event loop goes on. Keeps no thread alive: hold something that does, a port or a timer. Until the
   * promise is settled, `findWork`, `park` and `parkAsync` throw.
   */
  parkAsync(timeout?: number): 'woken' | Promise<'woken' | 'timed-out'> {
    const limitMs = requireTimeout(timeout)
    if (this.#prepare()) return 'woken'
    const outcome = waitAsync(this.#words, this.#park, ASLEEP, limitMs) // park: until woken
    if (!outcome.async) {
      const result = this.#unpark(outcome.value === 'timed-out')
      return result === 'woken' ? result : Promise.resolve(result)
    }
    this.#parked = true
    return outcome.value.then((result) => this.#settle(result))
  }

  /**
   * What the participant `dead` held, once, whoever asks: `queued` are tasks that it had submitted and nobody had begun, by band and
   * order, `running` is what it had claimed and not finished. They are the caller's now, to submit again or to give up. A task that
   * it had submitted and another is running stays with that one; what was in the memory of the dead thread is gone. Afterwards
   * its number is free to join with.
   *
   * Call it after the thread is known to touch no memory any more: in Node.js, after its 'exit' event.
   * @throws RangeError for a number that is no other participant's
   */
  recover(dead: number): Recovered {
    requireInteger('dead', dead, 0, this.#map.participants - 1, ': give the id that the dead thread had joined with')
    if (dead === this.id)
      throw new RangeError(`participant ${dead} cannot recover itself: let another one do it, or leave()`)
    this.#requireJoined()
    this.#refill()
    return recover(this.#map, this.id, dead)
  }

  /**
   * Ends this participant: what it ran is done, and a pending `parkAsync` resolves to 'woken'. What it submitted stays for the others.
   * Its number is free to join with. Every other method throws from here on; a second `leave` does nothing.
   * @throws Error when tasks are left in this thread's memory, where nobody else can find them
   */
  leave(): void {
    if (!this.#joined) return
    this.#refill()
    const { held } = this.#stock
    if (held > 0)
      throw new Error(
        `participant ${this.id} holds ${held} tasks for which the region has no room: run them (findWork) or let others make room before leave(), or create the team with more capacity`,
      )
    this.#finish()
    if (this.#parked) {
      this.#parked = false
      this.#idle.restore(SLEEPING)
      unpark(this.#map, this.id + 1)
    }
    this.#idle.stopSearch()
    if (this.#search.hasWork()) wakeOne(this.#map) // whoever woke this one relied on it
    this.#joined = false
    exit(this.#map, this.id)
  }

  /** A claimed task, or EMPTY. */
  #take(): number {
    for (;;) {
      let hint = EMPTY
      if (this.#claims >= AGING_PERIOD - 1) {
        hint = this.#search.takeInTurn()
        if (hint === EMPTY) this.#claims = 0
      }
      if (hint === EMPTY) {
        const newest = this.#stock.takeNewest()
        if (newest !== EMPTY) return this.#begin(newest)
        hint = this.#stock.pop()
      }
      if (hint === EMPTY) hint = this.#search.takeBand()
      if (hint === EMPTY) hint = this.#search.steal()
      if (hint === RETRY) continue
      if (hint === EMPTY) {
        const held = this.#stock.takeHeld()
        return held === EMPTY ? EMPTY : this.#begin(held)
      }
      const task = this.#claim(hint)
      if (task !== EMPTY) return task
    }
  }

  /** The task of the slot that a hint leads to, or EMPTY when it is not to be had. */
  #claim(slot: number): number {
    const words = this.#words
    const offset = this.#map.slot(slot)
    const word = tryClaim(words, offset + STATE, this.id)
    poke(words, this.#hand, 0) // owned: this participant's alone; the claim has decided
    if (word === EMPTY) return EMPTY
    this.#count()
    this.#running = offset
    return peek(words, offset + TASK) // owned: claimed
  }

  /** A task from the own heap. */
  #begin(task: number): number {
    this.#running = this.#stock.begin(task)
    this.#count()
    return task
  }

  #count(): void {
    this.#claims = this.#claims >= AGING_PERIOD - 1 ? 0 : this.#claims + 1
  }

  /** What runs here is done. */
  #finish(): void {
    if (this.#running === NOTHING) return
    const offset = this.#running + STATE
    const word = peek(this.#words, offset) // owned: RUNNING by this participant
    store(this.#words, offset, nextFree(word)) // publish: to the submitter
    this.#running = NOTHING
  }

  #refill(): void {
    if (this.#stock.refill()) wakeOne(this.#map)
  }

  #spin(): number {
    if (!this.#idle.startSearch()) return EMPTY
    const end = nowUs() + this.#spinUs
    do {
      const task = this.#take()
      if (task !== EMPTY) return task
    } while (nowUs() < end)
    return EMPTY
  }

  /** True when there is work, so that this participant does not sleep. */
  #prepare(): boolean {
    this.#requireAwake()
    this.#finish()
    this.#refill()
    this.#stock.tidy()
    this.#idle.prepare(SLEEPING)
    if (!this.#search.hasWork()) return false
    this.#idle.restore(SLEEPING)
    return true
  }

  /** After a wait: a waker that came at the last moment counts, for it relies on this participant. */
  #unpark(isTimedOut: boolean): 'woken' | 'timed-out' {
    return !this.#idle.restore(SLEEPING) && isTimedOut ? 'timed-out' : 'woken'
  }

  #settle(result: 'ok' | 'timed-out'): 'woken' | 'timed-out' {
    if (!this.#parked) return 'woken' // it has left meanwhile
    this.#parked = false
    return this.#unpark(result === 'timed-out')
  }

  #requireJoined(): void {
    if (!this.#joined) throw new Error(`participant ${this.id} has left the team: join again with Team.join`)
  }

  #requireAwake(): void {
    this.#requireJoined()
    if (this.#parked)
      throw new Error(
        `participant ${this.id} is parked: await what parkAsync returned before the next findWork or park`,
      )
  }
}

function requireTask(task: number): void {
  if (Number.isInteger(task) && task >= 0 && task <= MAX_TASK) return
  requireInteger('task', task, 0, MAX_TASK, ': keep the value in a table of your own and submit its index')
}

function requireTimeout(timeout: number | undefined): number {
  if (timeout === undefined) return Number.POSITIVE_INFINITY
  if (typeof timeout === 'number' && timeout >= 0) return timeout
  throw new RangeError(`timeout must be a number of milliseconds from 0, or Infinity, not ${String(timeout)}`)
}
