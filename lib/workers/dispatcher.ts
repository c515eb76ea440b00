/**
 * The host's calls: into bands on the way out, from completion rings to handles on the way back. Host thread only.
 *
 * A record in a completion ring is a hint: one that comes late, or for a slot that has been settled already, is ignored.
 */
import { and, load, peek, peekDouble } from '#atomics'
import { EMPTY, RingConsumer } from '../ring-buffer/index.js'
import {
  answered,
  askedBy,
  BATCH_LIMIT,
  BandWriter,
  DEFAULT_BAND,
  HOST,
  KINDS,
  NOTICES,
  RESCAN,
  type TeamMemory,
  TOLD,
  takeQuestions,
} from '../scheduler/index.js'
import { BandQueues } from './band-queues.js'
import { type Call, type CallSite, NOT_PLACED, WITHDRAWN } from './calls.js'
import type { Arguments, Carrier } from './codec/index.js'
import { isShort } from './definition.js'
import { Submissions } from './submissions.js'
import type { Tally } from './tally.js'

/** Slots that only calls above the default priority may take, so that a flood leaves them room. */
const RESERVED_SLOTS = 256
/** Short tasks that one store publishes, at most. */
const PUBLISH_BATCH = 8
/** More than there are slots: a small integer, for it is compared with each call. */
const NO_LIMIT = 0x3fffffff
/** Slots that are read ahead of settling. */
const TOUCH_LIMIT = 32

/** Posts the moved values of a slot to the worker that has claimed it. False: it is not to have them. */
export interface Giver {
  readonly mayBeAsked: boolean
  give(worker: number, id: number): boolean
}

export class Dispatcher {
  /** Calls that are in slots at a time, at most. */
  #mostPlaced = NO_LIMIT
  /** The highest number of a worker that was started. */
  workers = 0
  giver: Giver | undefined
  readonly slots: Submissions
  readonly #memory: TeamMemory
  readonly #bands: BandWriter
  readonly #rings: RingConsumer[] = []
  readonly #overflow = new BandQueues()
  /** Ids whose hint found no room in its ring: after a recovery, or behind hints to cancelled tasks. */
  #homeless: number[] = []
  /** What `#touch` has read, kept so that the reads are not optimised away. */
  #touched = 0

  constructor(memory: TeamMemory, carrier: Carrier, tally: Tally) {
    this.#memory = memory
    this.slots = new Submissions(memory, HOST, carrier, tally)
    this.#bands = new BandWriter(memory)
    for (let worker = 0; worker <= memory.workers; worker++) {
      const tail = memory.ringTail(worker)
      const head = memory.ringHead(worker)
      this.#rings.push(new RingConsumer(memory.words, tail, head, memory.ringItems(worker), memory.ringCapacity))
    }
  }

  /** Tasks that no worker has taken from the bands yet. */
  get backlog(): number {
    return this.#bands.backlog
  }

  /** Calls that are not settled. */
  get unsettled(): number {
    return this.slots.outstanding + this.#overflow.waiting
  }

  /**
   * Hands a call to the workers before its handle is made, which takes as long as the way to a worker. The id of its slot,
   * or EMPTY when it has to wait. `adopt` with the handle must follow.
   */
  launch(site: CallSite, args: Arguments): number {
    const { waiting } = this.#overflow
    return waiting === 0 || this.#overflow.isEmpty(site.band) ? this.#place(site, args) : EMPTY
  }

  /** The handle of the call that was launched as `id`; one that has to wait is kept in order. */
  adopt(id: number, call: Call): void {
    if (id !== EMPTY) this.slots.adopt(id, call)
    else this.#overflow.push(call)
  }

  /**
   * Moves calls that wait into slots, higher bands first, and every 61st from the next band in turn. Returns how many, with
   * the hints that have found room only now: all may have gone to sleep meanwhile.
   */
  refill(): number {
    this.#bands.tidy()
    let placed = this.#homeless.length > 0 ? this.#rehome() : 0
    const queues = this.#overflow
    if (queues.waiting === 0) return placed
    while (queues.waiting > 0) {
      if (!(queues.isTurn() && this.#refillFrom(queues.bandInTurn())) && !this.#refillFrom(queues.highestBand())) break
      placed++
    }
    this.#bands.publish()
    return placed
  }

  /** Places the oldest call that waits in a band. False when there is no room for it. */
  #refillFrom(band: number): boolean {
    const call = this.#overflow.oldest(band)
    if (call === undefined) return false
    const id = this.#place(call.site, call.args)
    if (id === EMPTY) return false
    this.slots.adopt(id, call)
    this.#overflow.shift(band)
    return true
  }

  /** True if the call had not started: it will not run. */
  cancel(call: Call): boolean {
    if (call.slot !== NOT_PLACED) return call.slot !== WITHDRAWN && this.slots.cancel(call)
    this.#overflow.withdraw(call)
    return true
  }

  /** Settles what the workers have recorded, at most `limit` calls. Re-entrant. */
  drain(limit: number): number {
    let settled = 0
    for (let worker = 1; worker <= this.workers; worker++) {
      const ring = this.#rings[worker] as RingConsumer
      if (ring.isEmpty()) continue
      const times = this.#memory.ringTimes(worker)
      this.#touch(ring)
      for (let n = 1; settled < limit && !ring.isEmpty(); n++) {
        if (n % TOUCH_LIMIT === 0) this.#touch(ring)
        const endMs = peekDouble(this.#memory.doubles, times + ring.place) // owned: published, not yet freed
        if (this.slots.poll(ring.take(), endMs)) settled++
      }
      ring.release()
    }
    const { words } = this.#memory
    if ((load(words, NOTICES) & ~TOLD) === 0) return settled // observe: a worker whose ring was full, or that asks
    this.answer()
    if ((and(words, NOTICES, ~RESCAN) & RESCAN) !== 0) settled += this.rescan() // claim: before the slots are read
    return settled
  }

  /** A worker may yet ask for moved values. */
  get mayBeAsked(): boolean {
    return this.giver?.mayBeAsked === true
  }

  /** Gives the workers what they ask for. True when one has asked. */
  answer(): boolean {
    if (!takeQuestions(this.#memory)) return false
    for (let worker = 1; worker <= this.workers; worker++) {
      const id = askedBy(this.#memory, worker)
      if (id !== EMPTY && (this.giver as Giver).give(worker, id)) answered(this.#memory, worker, id)
    }
    return true
  }

  /**
   * Reads a word of each slot that the next records name. The slots lie in the worker's cache: read one after the other
   * as they are settled, each would cost a full miss; read in a row, the misses overlap.
   */
  #touch(ring: RingConsumer): void {
    const count = Math.min(ring.available, TOUCH_LIMIT)
    let seen = this.#touched
    // Tolerated race: a record may be late, and its slot running again. Nothing depends on what is read.
    for (let i = 0; i < count; i++) seen ^= peek(this.#memory.words, this.#memory.slot(ring.peekAt(i)) + KINDS) // a read for its own sake
    this.#touched = seen
  }

  /** Looks at every slot in use: after a death, or when a completion ring was full. */
  rescan(): number {
    let settled = 0
    const now = performance.now()
    for (const id of this.slots.ids()) if (this.slots.poll(id, now)) settled++
    return settled
  }

  /** After a recovery: the host's calls in `lost` ran on the dead worker; of `queued` the hint may have died with it. */
  recovered(lost: readonly number[], queued: readonly number[], error: (call: Call) => Error): void {
    for (const id of lost) {
      if (id < this.#memory.hostSlots && this.slots.lose(id, error)) this.#homeless.push(id)
    }
    for (const id of queued) {
      if (id < this.#memory.hostSlots) this.slots.markHinted(id)
      this.#homeless.push(id)
    }
    this.rescan()
    this.#rehome()
  }

  /** The calls of slots whose executor is dead, for a pool that ends: nobody runs them again. */
  takeLost(lost: readonly number[]): Call[] {
    const calls: Call[] = []
    for (const id of lost) {
      const call = id < this.#memory.hostSlots ? this.slots.takeLost(id) : undefined
      if (call !== undefined) calls.push(call)
    }
    return calls
  }

  /** Takes every call that has not started out of the queues: for a pool that closes or cannot start. */
  withdrawAll(): Call[] {
    const calls: Call[] = []
    for (const call of this.#overflow.takeAll()) {
      call.slot = WITHDRAWN
      calls.push(call)
    }
    for (const call of this.placed()) if (this.slots.cancel(call)) calls.push(call)
    return calls
  }

  /** Calls that are in slots: queued, running, or done and not yet settled. */
  placed(): Call[] {
    return this.slots.ids().map((id) => this.slots.callAt(id) as Call)
  }

  /** Limits the calls that are in slots, and so run, at a time; those above that have not started come back. */
  setMostPlaced(limit: number): void {
    this.#mostPlaced = Math.min(limit, NO_LIMIT)
    const back: Call[] = []
    const youngestFirst = this.placed().sort((a, b) => b.id - a.id)
    for (const call of youngestFirst) {
      if (this.slots.outstanding <= limit) break
      if (!this.slots.retract(call)) continue // it runs
      back.unshift(call)
    }
    this.#overflow.putBack(back)
    this.refill()
  }

  /** Makes pushed tasks visible to the workers. */
  publish(): void {
    this.#bands.publish()
  }

  #place(site: CallSite, args: Arguments): number {
    const { definition, band } = site
    if (this.slots.outstanding >= this.#mostPlaced) return EMPTY
    if (band <= DEFAULT_BAND && this.slots.outstanding > 0 && this.slots.room <= RESERVED_SLOTS) return EMPTY
    const id = this.slots.place(site, args, definition.id)
    if (id === EMPTY) return EMPTY
    const short = isShort(definition)
    this.#bands.setBatch(short ? BATCH_LIMIT : 1)
    if (!this.#hint(id, band)) this.#homeless.push(id)
    // Short tasks become visible a few at a time: each publication costs what moving their slots has cost so far.
    if (!short || this.slots.outstanding === 1 || this.#bands.unpublished >= PUBLISH_BATCH) this.#bands.publish()
    return id
  }

  #hint(id: number, band: number): boolean {
    return band === DEFAULT_BAND ? this.#bands.tryPush(id) : this.#bands.tryPushTo(band, id)
  }

  /** Returns how many hints have found room. */
  #rehome(): number {
    const hints = this.#homeless
    this.#homeless = []
    for (const id of hints) {
      // The child of a worker has no band of the host's: any will do, for any worker may claim it.
      const band = id < this.#memory.hostSlots ? this.slots.callAt(id)?.site.band : DEFAULT_BAND
      if (band !== undefined && !this.#hint(id, band)) this.#homeless.push(id)
    }
    this.#bands.publish()
    return hints.length - this.#homeless.length
  }
}
