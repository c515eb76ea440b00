/**
 * Ring of integers between exactly two threads: one pushes, the other pops. Wait-free on both sides.
 *
 * Each side keeps the other's index cached and reads the shared one only when the cached one says full or empty; pushes
 * become visible in batches (`publish`). Lamport's ring with the caching of Lee et al., "MCRingBuffer", IPDPS 2010.
 */
import { load, peek, poke, store } from '#atomics'
import {
  advance,
  createRegion,
  distance,
  EMPTY,
  KIND_SPSC,
  lines,
  openRegion,
  parameterOf,
  powerOfTwo,
  type Region,
  WORDS_PER_LINE,
} from './layout.js'

const TAIL = WORDS_PER_LINE
const HEAD = TAIL + WORDS_PER_LINE // own line: the consumer writes HEAD, the producer TAIL
const ITEMS = HEAD + WORDS_PER_LINE

/** No index: a producer that has not looked yet where its ring has come to. */
const UNSEEN = -1

export class RingProducer {
  readonly capacity: number
  readonly #words: Int32Array
  readonly #tailWord: number
  readonly #headWord: number
  readonly #items: number
  /** The index that the next item gets, or UNSEEN. */
  #tail = UNSEEN
  #cachedHead = 0

  /** Touches no shared word: goes on where a predecessor stopped, at the first call. Embedders use `SpscRing.producerOf`. */
  constructor(words: Int32Array, tail: number, head: number, items: number, capacity: number) {
    this.#words = words
    this.#tailWord = tail
    this.#headWord = head
    this.#items = items
    this.capacity = capacity
  }

  /** False when full. The item is seen by nobody before `publish`. */
  tryPush(item: number): boolean {
    if (this.#tail === UNSEEN) this.resume()
    const tail = this.#tail
    if (distance(tail, this.#cachedHead) >= this.capacity) {
      this.#cachedHead = load(this.#words, this.#headWord) // observe: moved by release
      if (distance(tail, this.#cachedHead) >= this.capacity) return false
    }
    poke(this.#words, this.#items + (tail & (this.capacity - 1)), item) // owned: not below TAIL yet
    this.#tail = advance(tail, 1)
    return true
  }

  /** As `nextPlace`. */
  get place(): number {
    return this.nextPlace()
  }

  /** Where the next item will lie, 0 … capacity - 1: for what is kept beside the items. */
  nextPlace(): number {
    if (this.#tail === UNSEEN) this.resume()
    return this.#tail & (this.capacity - 1)
  }

  publish(): void {
    if (this.#tail === UNSEEN) return
    store(this.#words, this.#tailWord, this.#tail) // publish: all pushed items, to isEmpty
  }

  /** Goes on where a predecessor on this ring stopped. */
  resume(): void {
    this.#tail = load(this.#words, this.#tailWord) // observe: published by the predecessor
    this.#cachedHead = load(this.#words, this.#headWord) // observe: moved by release
  }
}

export class RingConsumer {
  readonly #words: Int32Array
  readonly #tailWord: number
  readonly #headWord: number
  readonly #items: number
  readonly #capacity: number
  #head = 0
  #cachedTail = 0

  /** Touches no shared word: for a ring that nobody has used before. Any other: `attach`. */
  constructor(words: Int32Array, tail: number, head: number, items: number, capacity: number) {
    this.#words = words
    this.#tailWord = tail
    this.#headWord = head
    this.#items = items
    this.#capacity = capacity
  }

  /** Goes on where a predecessor on this ring stopped: what it took and did not release is taken again. */
  static attach(words: Int32Array, tail: number, head: number, items: number, capacity: number): RingConsumer {
    const consumer = new RingConsumer(words, tail, head, items, capacity)
    consumer.resume()
    return consumer
  }

  resume(): void {
    this.#head = load(this.#words, this.#headWord) // observe: released by the predecessor
    this.#cachedTail = this.#head
  }

  /** True when nothing was published that was not popped: one atomic load. */
  isEmpty(): boolean {
    if (this.#head !== this.#cachedTail) return false
    this.#cachedTail = load(this.#words, this.#tailWord) // observe: published by the producer
    return this.#head === this.#cachedTail
  }

  /** The oldest item, or EMPTY. Its place stays taken until `release`. */
  take(): number {
    if (this.isEmpty()) return EMPTY
    const item = peek(this.#words, this.#items + (this.#head & (this.#capacity - 1))) // owned: published, not yet freed
    this.#head = advance(this.#head, 1)
    return item
  }

  /** Published items that were seen by the last `isEmpty` and not taken. */
  get available(): number {
    return distance(this.#cachedTail, this.#head)
  }

  /** The item `ahead` places behind the next one; `ahead` is below `available`. */
  peekAt(ahead: number): number {
    return peek(this.#words, this.#items + (advance(this.#head, ahead) & (this.#capacity - 1))) // owned: published
  }

  /** Gives the places of all items taken so far back to the producer: one store for many. */
  release(): void {
    store(this.#words, this.#headWord, this.#head) // publish: the places are free again, to tryPush
  }

  /** Where the next item lies, 0 … capacity - 1: for what is kept beside the items. */
  get place(): number {
    return this.#head & (this.#capacity - 1)
  }

  /** `take` and `release`. */
  pop(): number {
    const item = this.take()
    if (item !== EMPTY) this.release()
    return item
  }

  /** Visits at most `limit` items; the index moves before each visit, so `visit` may throw or drain again. */
  drain(visit: (item: number) => void, limit: number): number {
    let count = 0
    while (count < limit) {
      const item = this.pop()
      if (item === EMPTY) break
      count++
      visit(item)
    }
    return count
  }
}

export interface SpscOptions {
  /** Most items at a time; rounded up to a power of two. */
  readonly capacity: number
}

/** Items are integers 0 … 2^31 - 1. The roles check magic, version, bounds and alignment. */
export const SpscRing = {
  bytesFor(options: SpscOptions): number {
    return ITEMS * 4 + lines(powerOfTwo(options.capacity, 'capacity') * 4)
  },
  /** @throws LayoutError `ERR_PARALLEL_LAYOUT` when `into` is too small or not aligned to 128 bytes. */
  create(options: SpscOptions & { readonly into?: Region | undefined }): Region {
    const capacity = powerOfTwo(options.capacity, 'capacity')
    return createRegion(KIND_SPSC, SpscRing.bytesFor(options), [capacity], ITEMS, options.into)
  },
  producerOf(region: Region): RingProducer {
    const words = openRegion(KIND_SPSC, region)
    return new RingProducer(words, TAIL, HEAD, ITEMS, parameterOf(words, 0))
  },
  consumerOf(region: Region): RingConsumer {
    const words = openRegion(KIND_SPSC, region)
    return RingConsumer.attach(words, TAIL, HEAD, ITEMS, parameterOf(words, 0))
  },
}
