/**
 * The slots of one submitter, host or worker: calls into slots on the way out, results out of them on the way back.
 *
 * Submitter's thread only. The slot's word is the truth: QUEUED until somebody claims it, then DONE, or LOST with its
 * executor. Nothing here waits and nothing here runs user code.
 */
import { compareExchange, load, peek, peekDouble, poke, store } from '#atomics'
import {
  CANCELLED,
  CONDEMNED,
  DONE,
  EMPTY,
  executorOf,
  generationOf,
  ORPHAN,
  packState,
  QUEUED,
  RUNNING,
  stateOf,
  withState,
} from '../ring-buffer/index.js'
import {
  DEFAULT_BAND,
  FINISHED,
  FUNCTION,
  HOST,
  KINDS,
  PUSHING,
  STARTED,
  STATE,
  type TeamMemory,
} from '../scheduler/index.js'
import { type Call, type CallSite, NOT_PLACED, ticks, WITHDRAWN } from './calls.js'
import { type Arguments, type Carrier, ENTERED, FAILED, hasPayload, SHORT } from './codec/index.js'
import { isShort, noteRun } from './definition.js'
import type { Tally } from './tally.js'

/** A task that kills its worker every time is not tried for ever, be it idempotent or never begun. */
const MOST_ATTEMPTS = 3

export class Submissions {
  /** Calls in slots that are not settled. */
  outstanding = 0
  /** Of those, calls whose function is not known to be short. */
  longOutstanding = 0
  /** Of those, calls above the default priority. */
  urgentOutstanding = 0
  readonly #memory: TeamMemory
  readonly #words: Int32Array
  readonly #doubles: Float64Array
  readonly #carrier: Carrier
  readonly #tally: Tally
  readonly #first: number
  readonly #calls: (Call | undefined)[]
  readonly #free: Int32Array
  /** 1: a hint to this slot may lie in some queue although the slot is free. */
  readonly #hinted: Uint8Array
  /** Children of a predecessor that are DONE: their executors may be about to push them. */
  #inherited: number[] = []
  #freeCount = 0

  constructor(memory: TeamMemory, participant: number, carrier: Carrier, tally: Tally) {
    this.#memory = memory
    this.#words = memory.words
    this.#doubles = memory.doubles
    this.#carrier = carrier
    this.#tally = tally
    this.#first = memory.slotsOf(participant)
    const count = memory.slotsOf(participant + 1) - this.#first
    this.#calls = new Array(count).fill(undefined)
    this.#free = new Int32Array(count)
    // A join claims a worker's child by its slot and leaves the hint in the deque: there, any slot may have one.
    this.#hinted = new Uint8Array(count).fill(participant === HOST ? 0 : 1)
  }

  /** Slots that a call could be placed in now, the first one left aside: it is for a call that is alone. */
  get room(): number {
    if (this.#freeCount === 0 && this.outstanding < this.#calls.length) this.#collectFree()
    return this.#freeCount
  }

  /**
   * Takes a slot, writes a call into it and makes it QUEUED. Its id, or EMPTY when there is no slot, or no room in the
   * arena. `number` is the function's number. What is left: a hint in a queue, and `adopt`.
   */
  place(site: CallSite, args: Arguments, number: number): number {
    const id = this.#allocate()
    if (id === EMPTY) return EMPTY
    const short = isShort(site.definition)
    if (!this.#carrier.writeArguments(id, args, short ? SHORT : 0)) {
      this.#giveBack(id)
      return EMPTY
    }
    const slot = this.#memory.slot(id)
    poke(this.#words, slot + FUNCTION, number) // owned: the slot is free, so nobody claims it
    this.#publish(id, slot)
    this.outstanding++
    if (!short) this.longOutstanding++
    if (site.band > DEFAULT_BAND) this.urgentOutstanding++
    return id
  }

  /** The call that was placed in a slot. It may be done by now; nothing was settled meanwhile. */
  adopt(id: number, call: Call): void {
    call.slot = id
    this.#calls[id - this.#first] = call
  }

  callAt(id: number): Call | undefined {
    return this.#calls[id - this.#first]
  }

  /**
   * Settles the call in a slot if it is done; a late or repeated hint changes nothing. `endMs` is when the task ended, as
   * its record or the poll itself says; NaN: the slot says.
   */
  poll(id: number, endMs: number): boolean {
    const call = this.#calls[id - this.#first]
    if (call === undefined) return false
    const slot = this.#memory.slot(id)
    const word = load(this.#words, slot + STATE) // observe: the executor's completion
    if (stateOf(word) !== DONE) return false
    this.#settle(id, slot, word, call, endMs)
    return true
  }

  /**
   * Of what is done: false while what the result names has not come, which is no news of the executor but of the host. What a
   * dead executor has said has come before the mark on its slots.
   */
  hasArrived(id: number): boolean {
    if (this.#calls[id - this.#first] === undefined) return true
    const slot = this.#memory.slot(id)
    const kinds = peek(this.#words, slot + KINDS) // owned: done
    if (!hasPayload(kinds)) return true
    const word = load(this.#words, slot + STATE) // observe: marked by recover
    return stateOf(word) !== DONE || (word & ORPHAN) !== 0 || this.#carrier.hasResult(slot)
  }

  /** For the successor of a worker that has died, before all else. */
  inherit(): void {
    for (let id = this.#first; id < this.#first + this.#calls.length; id++)
      if (stateOf(load(this.#words, this.#memory.slot(id) + STATE)) === DONE) this.#inherited.push(id) // observe: left by recover
  }

  /** There are children of a predecessor whose slots are not free yet. */
  get isHeir(): boolean {
    return this.#inherited.length > 0
  }

  /**
   * Of a predecessor's children those that nobody will push any more: the executor has, or is dead. Either they lie in the done
   * stack now, or the predecessor had taken them; `releaseInherited` may follow once the stack was taken after this look.
   */
  finishedWith(): readonly number[] {
    if (this.#inherited.length === 0) return this.#inherited
    const finished: number[] = []
    for (const id of this.#inherited) {
      const word = load(this.#words, this.#memory.slot(id) + STATE) // observe: marked by recover
      const pushing = load(this.#words, this.#memory.counters(executorOf(word)) + PUSHING) // observe: after DONE
      if ((word & ORPHAN) !== 0 || pushing !== id + 1) finished.push(id)
    }
    return finished
  }

  /** The slot is free, and what it holds given back, unless the predecessor had read it. */
  releaseInherited(id: number): void {
    this.#inherited = this.#inherited.filter((inherited) => inherited !== id)
    this.#carrier.releaseUnread(id)
  }

  /** True if the call had not started: its slot is free and it will not run. */
  cancel(call: Call): boolean {
    const id = call.slot
    const slot = this.#memory.slot(id)
    if (!this.#withdraw(slot)) return false
    this.markHinted(id)
    this.#abandon(id, slot, call)
    call.slot = WITHDRAWN
    return true
  }

  /** As `cancel`, of a call that is to be placed again: it has its arguments back. */
  retract(call: Call): boolean {
    const id = call.slot
    const slot = this.#memory.slot(id)
    if (!this.#withdraw(slot)) return false
    this.markHinted(id)
    call.args = this.#carrier.retakeArguments(id)
    this.#abandon(id, slot, call)
    return true
  }

  #withdraw(slot: number): boolean {
    const word = load(this.#words, slot + STATE)
    if (stateOf(word) !== QUEUED) return false
    const cancelled = withState(word, CANCELLED)
    return compareExchange(this.#words, slot + STATE, word, cancelled) === word // claim: against executors
  }

  /** The executor of a call died. True when the call is QUEUED again and needs a hint; else it is settled as lost. */
  lose(id: number, error: (call: Call) => Error): boolean {
    const call = this.#calls[id - this.#first]
    if (call === undefined) return false
    const slot = this.#memory.slot(id)
    const hasEntered = (peek(this.#words, slot + KINDS) & ENTERED) !== 0 // owned: the executor is dead
    const word = peek(this.#words, slot + STATE) // owned: the executor is dead
    const mayRun = stateOf(word) !== CANCELLED && (call.site.idempotent || !hasEntered) && !this.#carrier.isBereft(id)
    if (mayRun && call.attempt < MOST_ATTEMPTS) {
      call.attempt++
      this.#publish(id, slot)
      return true
    }
    call.executor = executorOf(word)
    this.#abandon(id, slot, call)
    call.lose(error(call))
    return false
  }

  /** Frees the slot of a call whose executor is dead. */
  takeLost(id: number): Call | undefined {
    const call = this.#calls[id - this.#first]
    if (call !== undefined) this.#abandon(id, this.#memory.slot(id), call)
    return call
  }

  /** A second hint to this slot exists, or one that outlives its call. */
  markHinted(id: number): void {
    this.#hinted[id - this.#first] = 1
  }

  /** Ids of all calls that are in slots. */
  ids(): number[] {
    const ids: number[] = []
    for (let i = 0; i < this.#calls.length; i++) if (this.#calls[i] !== undefined) ids.push(this.#first + i)
    return ids
  }

  isQueued(call: Call): boolean {
    return call.slot < 0 || stateOf(load(this.#words, this.#memory.slot(call.slot) + STATE)) === QUEUED
  }

  /** `executor` has claimed the slot and has not completed it; if it is who asks, it does not let go meanwhile. */
  isRunBy(executor: number, id: number): boolean {
    const word = load(this.#words, this.#memory.slot(id) + STATE) // observe: swapped by claim, by recovery
    return stateOf(word) === RUNNING && executorOf(word) === executor
  }

  /**
   * QUEUED, in the next generation. While no queue holds a hint to this slot nobody reads its word, and a plain store
   * will do: the publication of the hint makes it visible. A cancellation or a recovery may leave a hint behind.
   */
  #publish(id: number, slot: number): void {
    const generation = generationOf(peek(this.#words, slot + STATE)) + 1 // owned: not QUEUED, so only its submitter writes
    const word = packState(QUEUED, 0, generation)
    if (this.#hinted[id - this.#first] === 0)
      poke(this.#words, slot + STATE, word) // owned: no hint of it exists
    else store(this.#words, slot + STATE, word) // publish: the slot, to whoever follows an old hint
  }

  #settle(id: number, slot: number, word: number, call: Call, endMs: number): void {
    // owned: done, so the slot is the submitter's again
    const kinds = peek(this.#words, slot + KINDS)
    call.executor = executorOf(word)
    const started = peekDouble(this.#doubles, (slot >> 1) + STARTED)
    const end = Number.isNaN(endMs) ? peekDouble(this.#doubles, (slot >> 1) + FINISHED) : endMs
    call.waitTicks = ticks(started - call.submittedMs)
    call.runTicks = ticks(end - started) // 0 when the record is of an earlier use of the slot
    let failed = (kinds & FAILED) !== 0
    let value: unknown
    try {
      value = this.#carrier.readResult(slot, kinds)
    } catch (error) {
      failed = true
      value = error
    }
    this.#carrier.releaseArguments(slot, kinds) // after the result, which may refer to what they hold
    this.#vacate(id, kinds, call)
    noteRun(call.site.definition, call.runTicks)
    this.#tally.settled(call, failed)
    if (failed) call.fail(value)
    else call.succeed(value)
  }

  /** Frees the slot of a call that no completion will settle. */
  #abandon(id: number, slot: number, call: Call): void {
    const kinds = peek(this.#words, slot + KINDS) // owned: cancelled or lost, so nobody else writes it
    this.#carrier.releaseArguments(slot, kinds)
    this.#vacate(id, kinds, call)
    call.slot = NOT_PLACED
  }

  #vacate(id: number, kinds: number, { site }: Call): void {
    if ((kinds & SHORT) === 0) this.longOutstanding--
    if (site.band > DEFAULT_BAND) this.urgentOutstanding--
    this.outstanding--
    this.#calls[id - this.#first] = undefined
    // The word stays as it is (DONE, CANCELLED, LOST): a late hint claims nothing, and only this table says: free.
    this.#giveBack(id)
  }

  /** The first slot goes to a call that is alone: for the host it is the express slot, see scheduler/layout.ts. */
  #allocate(): number {
    if (this.outstanding === 0 && this.#isFree(0)) return this.#first
    if (this.room === 0) return EMPTY
    return this.#free[--this.#freeCount] as number
  }

  #giveBack(id: number): void {
    if (id !== this.#first) this.#free[this.#freeCount++] = id
  }

  /** A worker's predecessor may have left slots that its orphans' executors free later: look for them when short. */
  #collectFree(): void {
    this.#freeCount = 0
    for (let i = this.#calls.length - 1; i > 0; i--) {
      if (this.#isFree(i)) this.#free[this.#freeCount++] = this.#first + i
    }
  }

  #isFree(index: number): boolean {
    const id = this.#first + index
    if (this.#calls[index] !== undefined || this.#inherited.includes(id)) return false
    const state = stateOf(load(this.#words, this.#memory.slot(id) + STATE)) // observe: an orphan's end
    return state !== QUEUED && state !== RUNNING && state !== CONDEMNED
  }
}
