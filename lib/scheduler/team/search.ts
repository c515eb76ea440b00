/**
 * Where a participant looks for tasks that are not its own: hints from the bands and deques of all. Lock-free.
 *
 * Every taking method returns a hint, EMPTY, or RETRY when another thread was faster. Before it takes from somebody else's queue it
 * notes the hint in this participant's HAND; who has judged it clears that.
 */
import { load } from '#atomics'
import { DequeThief, EMPTY, FifoConsumer } from '../../ring-buffer/index.js'
import { bitOf, LIVE } from '../layout.js'
import type { TeamMap } from './map.js'
import type { Stock } from './stock.js'

export class Search {
  readonly #map: TeamMap
  readonly #words: Int32Array
  readonly #id: number
  readonly #hand: number
  readonly #stock: Stock
  readonly #deques: DequeThief[] = []
  /** By participant and band. */
  readonly #rings: FifoConsumer[] = []
  /** The band words of all, as read last; 0 for who takes no part. */
  readonly #masks: Int32Array
  /** Whose queues are looked at first: the next one each time. */
  #start: number
  /** The queue whose turn it is. */
  #turn = 0

  constructor(map: TeamMap, id: number, stock: Stock) {
    const { words, capacity } = map
    this.#map = map
    this.#words = words
    this.#id = id
    this.#hand = map.hand(id)
    this.#stock = stock
    this.#masks = new Int32Array(map.participants)
    this.#start = id
    for (let p = 0; p < map.participants; p++) {
      this.#deques.push(new DequeThief(words, map.bottom(p), map.top(p), map.items(p, map.bands), capacity))
      for (let band = 0; band < map.bands; band++) {
        this.#rings.push(new FifoConsumer(words, map.back(p, band), map.front(p, band), map.items(p, band), capacity))
      }
    }
  }

  /** From the highest band in which anybody has work. */
  takeBand(): number {
    const { participants } = this.#map
    let rest = this.#readMasks()
    this.#start = (this.#start + 1) % participants
    while (rest !== 0) {
      const band = 31 - Math.clz32(rest)
      rest &= ~(1 << band)
      for (let i = 0; i < participants; i++) {
        const p = (this.#start + i) % participants
        if (((this.#masks[p] as number) & (1 << band)) === 0) continue
        const hint = this.#takeFrom(p, band)
        if (hint !== EMPTY) return hint
      }
    }
    return EMPTY
  }

  /** Aging: from whichever band of whichever participant is next in turn. */
  takeInTurn(): number {
    const { participants, bands } = this.#map
    const queues = participants * bands
    if (this.#readMasks() === 0) return EMPTY
    for (let i = 0; i < queues; i++) {
      this.#turn = (this.#turn + 1) % queues
      const p = Math.floor(this.#turn / bands)
      const band = this.#turn % bands
      if (((this.#masks[p] as number) & (1 << band)) === 0) continue
      const hint = this.#takeFrom(p, band)
      if (hint !== EMPTY) return hint
    }
    return EMPTY
  }

  /** From the top of somebody else's deque. */
  steal(): number {
    const { participants } = this.#map
    const live = load(this.#words, LIVE) // observe: whose queues may hold something
    for (let i = 0; i < participants; i++) {
      const p = (this.#start + i) % participants
      if (p === this.#id || (live & bitOf(p + 1)) === 0) continue
      const hint = (this.#deques[p] as DequeThief).stealNoting(this.#hand)
      if (hint !== EMPTY) return hint
    }
    return EMPTY
  }

  /** Any queue that holds a hint, the own ones included, without taking it: the second look before parking. */
  hasWork(): boolean {
    const { participants } = this.#map
    if (this.#stock.held > 0 || this.#stock.hasPushed()) return true
    if (this.#readMasks() !== 0) {
      for (let p = 0; p < participants; p++) {
        const mask = this.#masks[p] as number
        for (let band = 0; mask >> band !== 0; band++) {
          if ((mask & (1 << band)) !== 0 && this.#ring(p, band).count() > 0) return true
        }
      }
    }
    const live = load(this.#words, LIVE) // observe: whose queues may hold something
    for (let p = 0; p < participants; p++) {
      if ((live & bitOf(p + 1)) !== 0 && (this.#deques[p] as DequeThief).count() > 0) return true
    }
    return false
  }

  #takeFrom(p: number, band: number): number {
    return p === this.#id ? this.#stock.take(band) : this.#ring(p, band).takeNoting(this.#hand)
  }

  #ring(p: number, band: number): FifoConsumer {
    return this.#rings[p * this.#map.bands + band] as FifoConsumer
  }

  /** Reads the band words of all into `#masks`. Returns which bands may hold work anywhere. */
  #readMasks(): number {
    const live = load(this.#words, LIVE) // observe: whose queues may hold something
    let any = 0
    for (let p = 0; p < this.#map.participants; p++) {
      // observe: written by the submitter after the hint
      const mask = (live & bitOf(p + 1)) === 0 ? 0 : load(this.#words, this.#map.bandsOf(p))
      this.#masks[p] = mask
      any |= mask
    }
    return any
  }
}
