/** The calls that wait in the submitter's heap: a queue per band, and whose turn it is. */
import { AGING_PERIOD, BANDS } from '../scheduler/index.js'
import { type Call, CallQueue, NOT_PLACED, WITHDRAWN } from './calls.js'

export class BandQueues {
  /** Calls that wait, those left out that were withdrawn. */
  waiting = 0
  readonly #queues: CallQueue[] = []
  /** Calls that were taken since the last one out of turn. */
  #taken = 0
  /** The band that was last in turn, and the one that is. */
  #lastBand = 0
  #bandInTurn = 0

  constructor() {
    for (let band = 0; band < BANDS; band++) this.#queues.push(new CallQueue())
  }

  push(call: Call): void {
    this.#queue(call.site.band).push(call)
    this.waiting++
  }

  /** Calls that were taken come back, in front of the others of their bands; oldest first. */
  putBack(calls: readonly Call[]): void {
    for (let band = 0; band < BANDS; band++) {
      const own = calls.filter((call) => call.site.band === band)
      if (own.length > 0) this.#queue(band).prepend(own)
    }
    this.waiting += calls.length
  }

  /** False also while only withdrawn calls are left in the band. */
  isEmpty(band: number): boolean {
    return this.#queue(band).length === 0
  }

  /** A call that waits here will not be taken; its place in the queue is dropped later. */
  withdraw(call: Call): void {
    call.slot = WITHDRAWN
    this.waiting--
  }

  /** The oldest call of a band. */
  oldest(band: number): Call | undefined {
    const queue = this.#queue(band)
    for (;;) {
      const call = queue.peek()
      if (call === undefined || call.slot === NOT_PLACED) return call
      queue.shift() // it was withdrawn
    }
  }

  /** Takes the oldest call of a band, which `oldest` has shown. */
  shift(band: number): void {
    this.#queue(band).shift()
    this.waiting--
    if (!this.isTurn()) this.#taken++
    else if (band === this.#bandInTurn) {
      this.#taken = 0
      this.#lastBand = band
    }
  }

  /** True for every 61st call that is taken: it is for the band in turn, and stays so until one of that was taken. */
  isTurn(): boolean {
    return this.#taken === AGING_PERIOD - 1
  }

  /** The next band in turn in which a call waits. Something must wait. */
  bandInTurn(): number {
    let band = this.#lastBand
    do band = (band + 1) % BANDS
    while (this.oldest(band) === undefined)
    this.#bandInTurn = band
    return band
  }

  /** The highest band in which a call waits; the lowest when nothing does. */
  highestBand(): number {
    let band = BANDS - 1
    while (band > 0 && this.oldest(band) === undefined) band--
    return band
  }

  /** Every call that waits, the oldest of each band first; none waits afterwards. */
  *takeAll(): Iterable<Call> {
    for (let band = 0; band < BANDS; band++) {
      for (let call = this.oldest(band); call !== undefined; call = this.oldest(band)) {
        this.shift(band)
        yield call
      }
    }
  }

  #queue(band: number): CallQueue {
    return this.#queues[band] as CallQueue
  }
}
