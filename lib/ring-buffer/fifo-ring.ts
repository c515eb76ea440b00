/**
 * FIFO ring of integers: one producer, any number of consumers that take from the front, one by one or many by one swap.
 *
 * Producer: wait-free. Consumers: lock-free. It is the deque without `pop`: since nothing is ever taken at the back, a
 * single swap of the front may take a whole run (Go's runqgrab, crossbeam's FIFO flavor), and order is kept.
 */
import { compareExchange, load, peek, poke, store } from '#atomics'
import {
  advance,
  createRegion,
  distance,
  EMPTY,
  KIND_FIFO,
  lines,
  openRegion,
  parameterOf,
  powerOfTwo,
  RETRY,
  type Region,
  WORDS_PER_LINE,
} from './layout.js'

const BACK = WORDS_PER_LINE
const FRONT = BACK + WORDS_PER_LINE // own line: consumers write FRONT, the producer BACK
const ITEMS = FRONT + WORDS_PER_LINE

/** No index: a producer that has not looked at the front yet. */
const UNSEEN = -1

/** The back of a ring. One thread, and only one, may hold it. */
export class FifoProducer {
  readonly capacity: number
  readonly #words: Int32Array
  readonly #back: number
  readonly #front: number
  readonly #items: number
  #cachedFront = UNSEEN

  /** Touches no shared word: goes on where a predecessor stopped, at the first call. Embedders use `FifoRing.producerOf`. */
  constructor(words: Int32Array, back: number, front: number, items: number, capacity: number) {
    this.#words = words
    this.#back = back
    this.#front = front
    this.#items = items
    this.capacity = capacity
  }

  /** As `count`: for users, and for nothing in this library (see README.md, "Steps"). */
  get length(): number {
    return this.count()
  }

  /** A snapshot: consumers may make it smaller at any moment. */
  count(): number {
    return distance(peek(this.#words, this.#back), load(this.#words, this.#front)) // owned: BACK is ours
  }

  /** The index that the next item gets. */
  nextIndex(): number {
    return peek(this.#words, this.#back) // owned: only this thread writes BACK
  }

  /** Places left, at least: looks at the front only when the cached one says that fewer than `wanted` are. */
  room(wanted: number): number {
    const back = peek(this.#words, this.#back) // owned: only this thread writes BACK
    const left = this.capacity - distance(back, this.#cachedFront)
    if (left >= wanted && this.#cachedFront !== UNSEEN) return left
    this.#cachedFront = load(this.#words, this.#front) // observe: moved by take and takeInto
    return this.capacity - distance(back, this.#cachedFront)
  }

  /** Writes an item `ahead` places behind the back, unseen by anybody until `publish`. Needs room for it. */
  place(ahead: number, item: number): void {
    const place = advance(peek(this.#words, this.#back), ahead) & (this.capacity - 1) // owned: BACK is ours
    poke(this.#words, this.#items + place, item) // owned: not below BACK yet
  }

  publish(count: number): void {
    const back = peek(this.#words, this.#back) // owned: only this thread writes BACK
    store(this.#words, this.#back, advance(back, count)) // publish: the items placed, to take and takeInto
  }

  /**
   * The producer takes from its own front: the oldest item, EMPTY, or RETRY when another thread was faster. It knows its
   * back, and mostly the front too: one swap. RETRY may be for what others took before this call, since it last looked;
   * then the next call knows better.
   */
  take(): number {
    const words = this.#words
    const back = peek(words, this.#back) // owned: only this thread writes BACK
    if (this.#cachedFront === UNSEEN) this.#cachedFront = load(words, this.#front) // observe: where others have come to
    const front = this.#cachedFront
    if (distance(back, front) <= 0) return EMPTY
    const item = peek(words, this.#items + (front & (this.capacity - 1))) // owned: written by this thread
    const found = compareExchange(words, this.#front, front, advance(front, 1)) // claim: against take, takeInto
    this.#cachedFront = found === front ? advance(front, 1) : found
    return found === front ? item : RETRY
  }

  /** False when full. */
  tryPush(item: number): boolean {
    if (this.room(1) < 1) return false
    this.place(0, item)
    this.publish(1)
    return true
  }
}

/** The front of a ring. Any number of threads may hold one. */
export class FifoConsumer {
  readonly #words: Int32Array
  readonly #back: number
  readonly #front: number
  readonly #items: number
  readonly #capacity: number

  constructor(words: Int32Array, back: number, front: number, items: number, capacity: number) {
    this.#words = words
    this.#back = back
    this.#front = front
    this.#items = items
    this.#capacity = capacity
  }

  /** As `count`: for users, and for nothing in this library (see README.md, "Steps"). */
  get length(): number {
    return this.count()
  }

  /** A snapshot, never negative. */
  count(): number {
    const front = load(this.#words, this.#front) // observe: moved by take, takeInto
    return Math.max(0, distance(load(this.#words, this.#back), front)) // observe: published by the producer
  }

  /** The oldest item, EMPTY, or RETRY when another thread was faster. */
  take(): number {
    const words = this.#words
    const front = load(words, this.#front) // observe: other consumers
    if (distance(load(words, this.#back), front) <= 0) return EMPTY // observe: published by the producer
    // Tolerated race: the producer may overwrite this place once FRONT has moved on, and then the swap fails.
    const item = peek(words, this.#items + (front & (this.#capacity - 1)))
    return compareExchange(words, this.#front, front, advance(front, 1)) === front ? item : RETRY // claim: against take
  }

  /**
   * As `take`. Before the swap it writes the item + 1 to `hand`, a word of this consumer in the same memory: who dies
   * between the swap and its next step leaves a note of what it may have taken.
   */
  takeNoting(hand: number): number {
    const words = this.#words
    const front = load(words, this.#front) // observe: other consumers
    if (distance(load(words, this.#back), front) <= 0) return EMPTY // observe: published by the producer
    const item = peek(words, this.#items + (front & (this.#capacity - 1))) // tolerated race, as in take
    poke(words, hand, item + 1) // owned: this consumer's alone; read after its death
    return compareExchange(words, this.#front, front, advance(front, 1)) === front ? item : RETRY // claim: against take
  }

  /**
   * Takes the older half, at least one and at most `limit`, by one swap, and appends it to the caller's own ring in
   * order. Returns how many, 0 when there was nothing (or no room), RETRY when the swap was lost.
   */
  takeInto(own: FifoProducer, limit: number): number {
    const words = this.#words
    const front = load(words, this.#front) // observe: other consumers
    const length = distance(load(words, this.#back), front) // observe: published by the producer
    if (length <= 0) return 0
    const count = Math.min((length + 1) >> 1, limit, own.room(limit))
    if (count < 1) return 0
    for (let i = 0; i < count; i++) {
      // Tolerated race, as in take: what is copied counts only if the swap is won.
      own.place(i, peek(words, this.#items + (advance(front, i) & (this.#capacity - 1))))
    }
    if (compareExchange(words, this.#front, front, advance(front, count)) !== front) return RETRY // claim: the whole run
    own.publish(count)
    return count
  }
}

export interface FifoOptions {
  /** Most items at a time; rounded up to a power of two. */
  readonly capacity: number
}

/** Items are integers 0 … 2^31 - 1. The roles check magic, version, bounds and alignment. */
export const FifoRing = {
  bytesFor(options: FifoOptions): number {
    return ITEMS * 4 + lines(powerOfTwo(options.capacity, 'capacity') * 4)
  },
  /** @throws LayoutError `ERR_PARALLEL_LAYOUT` when `into` is too small or not aligned to 128 bytes. */
  create(options: FifoOptions & { readonly into?: Region | undefined }): Region {
    const capacity = powerOfTwo(options.capacity, 'capacity')
    return createRegion(KIND_FIFO, FifoRing.bytesFor(options), [capacity], ITEMS, options.into)
  },
  producerOf(region: Region): FifoProducer {
    const words = openRegion(KIND_FIFO, region)
    return new FifoProducer(words, BACK, FRONT, ITEMS, parameterOf(words, 0))
  },
  consumerOf(region: Region): FifoConsumer {
    const words = openRegion(KIND_FIFO, region)
    return new FifoConsumer(words, BACK, FRONT, ITEMS, parameterOf(words, 0))
  },
}
