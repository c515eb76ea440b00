/**
 * What one participant has submitted: slots and hints in shared memory, and in its heap what found no room there.
 *
 * Owner only; wait-free. Nothing here wakes anybody: who publishes calls `wakeOne` afterwards.
 */
import { load, peek, poke, store } from '#atomics'
import {
  DequeOwner,
  EMPTY,
  FifoProducer,
  FREE,
  generationOf,
  packState,
  QUEUED,
  RUNNING,
  stateOf,
} from '../../ring-buffer/index.js'
import { ORDER, STATE, TASK, type TeamMap } from './map.js'
import { Overflow } from './overflow.js'

/** Slots that one call looks at for a free one. They are used in rotation, so the next is mostly the oldest and free. */
const LOOKS = 8

export class Stock {
  readonly #map: TeamMap
  readonly #words: Int32Array
  readonly #id: number
  readonly #deque: DequeOwner
  readonly #rings: FifoProducer[] = []
  readonly #overflows: Overflow[] = []
  /** By queue: where the search for a free slot goes on, 0 … capacity - 1. */
  readonly #cursors: number[] = []
  /** Tasks in the heap. */
  #held = 0
  #mask = 0

  constructor(map: TeamMap, id: number) {
    const { words, capacity, bands } = map
    this.#map = map
    this.#words = words
    this.#id = id
    this.#deque = new DequeOwner(words, map.bottom(id), map.top(id), map.items(id, bands), capacity)
    for (let band = 0; band < bands; band++) {
      this.#rings.push(new FifoProducer(words, map.back(id, band), map.front(id, band), map.items(id, band), capacity))
    }
    for (let queue = 0; queue <= bands; queue++) {
      this.#overflows.push(new Overflow())
      this.#cursors.push(0)
    }
  }

  /** Goes on where a predecessor with this number left: the bits of its bands are set. */
  resume(): void {
    for (let band = 0; band < this.#map.bands; band++) {
      if ((this.#rings[band] as FifoProducer).count() > 0) this.#mask |= 1 << band
    }
  }

  /** Tasks that are in the heap, seen by nobody else. */
  get held(): number {
    return this.#held
  }

  /** Puts a task at the end of a queue: a band, or the deque, whose number is `bands`. In shared memory, if there is room. */
  add(queue: number, task: number): void {
    const overflow = this.#overflows[queue] as Overflow
    if (overflow.size === 0 && this.#tryPlace(queue, task)) return
    overflow.add(task)
    this.#held++
  }

  /** Moves what there is room for from the heap to shared memory. True when others can see more than before. */
  refill(): boolean {
    if (this.#held === 0) return false
    const before = this.#held
    for (let queue = this.#map.bands; queue >= 0; queue--) {
      const overflow = this.#overflows[queue] as Overflow
      while (overflow.size > 0 && this.#tryPlace(queue, overflow.first())) {
        overflow.takeFirst()
        this.#held--
      }
    }
    return this.#held < before
  }

  /** A hint from the own deque, or EMPTY. */
  pop(): number {
    return this.#deque.isEmpty() ? EMPTY : this.#deque.pop()
  }

  /** A hint from an own band, EMPTY or RETRY. */
  take(band: number): number {
    return (this.#rings[band] as FifoProducer).take()
  }

  /** The task that was pushed last, if it is in the heap: it is newer than all in the deque. Or EMPTY. */
  takeNewest(): number {
    const overflow = this.#overflows[this.#map.bands] as Overflow
    if (overflow.size === 0) return EMPTY
    this.#held--
    return overflow.takeLast()
  }

  /** The oldest task of the highest band that is in the heap, or EMPTY. */
  takeHeld(): number {
    if (this.#held === 0) return EMPTY
    for (let band = this.#map.bands - 1; band >= 0; band--) {
      const overflow = this.#overflows[band] as Overflow
      if (overflow.size === 0) continue
      this.#held--
      return overflow.takeFirst()
    }
    return EMPTY
  }

  /** Marks a task from the heap as running here. Returns the word offset of its slot. */
  begin(task: number): number {
    const offset = this.#map.slot(this.#map.privateSlot(this.#id))
    const generation = generationOf(peek(this.#words, offset + STATE)) // owned: nobody else writes a private slot
    poke(this.#words, offset + TASK, task) // owned: as above
    store(this.#words, offset + STATE, packState(RUNNING, this.#id, generation)) // publish: to who recovers this one
    return offset
  }

  hasPushed(): boolean {
    return !this.#deque.isEmpty()
  }

  /** Clears the bits of own bands that have run empty. Only their owner fills them, so an empty one stays empty. */
  tidy(): void {
    if (this.#mask === 0) return
    let mask = this.#mask
    for (let band = 0; mask >> band !== 0; band++) {
      if ((mask & (1 << band)) !== 0 && (this.#rings[band] as FifoProducer).count() === 0) mask &= ~(1 << band)
    }
    if (mask === this.#mask) return
    this.#mask = mask
    store(this.#words, this.#map.bandsOf(this.#id), mask) // publish: to takeBand and hasWork
  }

  /** Slot, then hint, then the band's bit: who sees one finds the one before. False when there is no room. */
  #tryPlace(queue: number, task: number): boolean {
    const isBand = queue < this.#map.bands
    const ring = isBand ? (this.#rings[queue] as FifoProducer) : undefined
    if ((ring !== undefined ? ring.room(1) : this.#deque.capacity - this.#deque.count()) < 1) return false
    const slot = this.#freeSlot(queue)
    if (slot === EMPTY) return false
    const words = this.#words
    const offset = this.#map.slot(slot)
    const word = peek(words, offset + STATE) // owned: a FREE slot is its submitter's, as are the other words in it
    const order = this.#map.sequence(this.#id)
    const number = peek(words, order) // owned: this participant's alone
    poke(words, order, (number + 1) | 0) // owned
    poke(words, offset + ORDER, number) // owned
    poke(words, offset + TASK, task) // owned
    store(words, offset + STATE, packState(QUEUED, 0, generationOf(word))) // publish: the task, to tryClaim
    if (ring === undefined) {
      this.#deque.tryPush(slot)
      return true
    }
    ring.tryPush(slot)
    if ((this.#mask & (1 << queue)) === 0) {
      this.#mask |= 1 << queue
      store(words, this.#map.bandsOf(this.#id), this.#mask) // publish: to takeBand and hasWork
    }
    return true
  }

  #freeSlot(queue: number): number {
    const { capacity } = this.#map
    const first = this.#map.firstSlot(this.#id, queue)
    let cursor = this.#cursors[queue] as number
    for (let looks = 0; looks < LOOKS && looks < capacity; looks++) {
      const slot = first + cursor
      cursor = (cursor + 1) & (capacity - 1)
      const word = load(this.#words, this.#map.slot(slot) + STATE) // observe: freed by its executor, or a recovery
      if (stateOf(word) !== FREE) continue
      this.#cursors[queue] = cursor
      return slot
    }
    this.#cursors[queue] = cursor
    return EMPTY
  }
}
