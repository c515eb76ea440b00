/**
 * Work-stealing deque of integers: the owner pushes and pops at the bottom (LIFO), any thief steals at the top (FIFO).
 *
 * Owner: wait-free. Thief: lock-free; a lost race is RETRY, never a wait.
 * Chase and Lev, "Dynamic circular work-stealing deque", SPAA 2005, with a fixed capacity; JavaScript's Atomics are
 * sequentially consistent, so the fences of Lê et al. (PPoPP 2013) are implied.
 */
import { compareExchange, load, peek, poke, store } from '#atomics'
import {
  advance,
  createRegion,
  distance,
  EMPTY,
  KIND_DEQUE,
  lines,
  openRegion,
  parameterOf,
  powerOfTwo,
  RETRY,
  type Region,
  WORDS_PER_LINE,
} from './layout.js'

// Word offsets within a region, after the header line.
const BOTTOM = WORDS_PER_LINE
const TOP = BOTTOM + WORDS_PER_LINE // own line: thieves write TOP, the owner BOTTOM
const ITEMS = TOP + WORDS_PER_LINE

/** The bottom of a deque. One thread, and only one, may hold it. */
export class DequeOwner {
  readonly capacity: number
  readonly #words: Int32Array
  readonly #bottom: number
  readonly #top: number
  readonly #items: number
  /** The bottom at which the deque was last found empty: thieves only take, so it is empty while that is the bottom. */
  #emptyAt = -1

  /** Places are word offsets into `words`; `capacity` is a power of two. Embedders use `Deque.ownerOf`. */
  constructor(words: Int32Array, bottom: number, top: number, items: number, capacity: number) {
    this.#words = words
    this.#bottom = bottom
    this.#top = top
    this.#items = items
    this.capacity = capacity
  }

  /** As `count`: for users, and for nothing in this library (see README.md, "Steps"). */
  get length(): number {
    return this.count()
  }

  /** A snapshot: thieves may make it smaller at any moment. */
  count(): number {
    return distance(peek(this.#words, this.#bottom), load(this.#words, this.#top)) // owned: BOTTOM is ours
  }

  /** True only when the deque is empty. Costs no atomic access once it was found empty and nothing was pushed since. */
  isEmpty(): boolean {
    const bottom = peek(this.#words, this.#bottom) // owned: only this thread writes BOTTOM
    if (bottom === this.#emptyAt) return true
    if (distance(bottom, load(this.#words, this.#top)) > 0) return false // observe: TOP moved by steal
    this.#emptyAt = bottom
    return true
  }

  /** False when full; `item` is an integer from 0 to 2^31 - 1. */
  tryPush(item: number): boolean {
    const words = this.#words
    const bottom = peek(words, this.#bottom) // owned: only this thread writes BOTTOM
    if (distance(bottom, load(words, this.#top)) >= this.capacity) return false // observe: TOP moved by steal
    poke(words, this.#items + (bottom & (this.capacity - 1)), item) // owned: not below BOTTOM yet
    this.#emptyAt = -1
    store(words, this.#bottom, advance(bottom, 1)) // publish: the item, to the thief that observes BOTTOM (steal)
    return true
  }

  /** The item pushed last without taking it, or EMPTY. A thief may take it at any moment. */
  bottom(): number {
    if (this.isEmpty()) return EMPTY
    const last = advance(peek(this.#words, this.#bottom), -1) // owned: only this thread writes BOTTOM
    return peek(this.#words, this.#items + (last & (this.capacity - 1))) // owned: written by this thread
  }

  /** The item pushed last, or EMPTY. Never RETRY: who loses the last item to a thief has an empty deque. */
  pop(): number {
    const words = this.#words
    const last = advance(peek(words, this.#bottom), -1) // owned: only this thread writes BOTTOM
    store(words, this.#bottom, last) // claim: thieves that load BOTTOM from here on leave `last` alone (steal)
    const top = load(words, this.#top) // observe: thieves that were before us
    const left = distance(last, top)
    if (left > 0) return peek(words, this.#items + (last & (this.capacity - 1))) // owned: no thief reaches it
    if (left < 0) {
      store(words, this.#bottom, top) // publish: empty again, to steal
      return EMPTY
    }
    const item = peek(words, this.#items + (last & (this.capacity - 1))) // owned: written by this thread
    const won = compareExchange(words, this.#top, top, advance(top, 1)) === top // claim: the last item, against steal
    store(words, this.#bottom, advance(last, 1)) // publish: empty, to steal
    return won ? item : EMPTY
  }
}

/** The top of a deque. Any number of threads may hold one. */
export class DequeThief {
  readonly #words: Int32Array
  readonly #bottom: number
  readonly #top: number
  readonly #items: number
  readonly #capacity: number

  constructor(words: Int32Array, bottom: number, top: number, items: number, capacity: number) {
    this.#words = words
    this.#bottom = bottom
    this.#top = top
    this.#items = items
    this.#capacity = capacity
  }

  /** As `count`: for users, and for nothing in this library (see README.md, "Steps"). */
  get length(): number {
    return this.count()
  }

  /** A snapshot, never negative. */
  count(): number {
    const top = load(this.#words, this.#top) // observe: moved by pop, steal
    return Math.max(0, distance(load(this.#words, this.#bottom), top)) // observe: published by tryPush, lowered by pop
  }

  /** The oldest item without taking it, or EMPTY. A hint: it may be gone by the time it is read. */
  top(): number {
    const words = this.#words
    const top = load(words, this.#top) // observe: other thieves
    if (distance(load(words, this.#bottom), top) <= 0) return EMPTY // observe: published by tryPush
    return peek(words, this.#items + (top & (this.#capacity - 1))) // tolerated race, as in steal
  }

  /** True when the oldest item was `item` and is the caller's now. */
  stealIf(item: number): boolean {
    const words = this.#words
    const top = load(words, this.#top) // observe: TOP before BOTTOM, as in steal
    if (distance(load(words, this.#bottom), top) <= 0) return false // observe: published by tryPush, lowered by pop
    if (peek(words, this.#items + (top & (this.#capacity - 1))) !== item) return false // tolerated race, as in steal
    return compareExchange(words, this.#top, top, advance(top, 1)) === top // claim: against pop, steal
  }

  /** The oldest item, EMPTY, or RETRY when another thread was faster. */
  steal(): number {
    const words = this.#words
    const top = load(words, this.#top) // observe: TOP before BOTTOM, so that pop's order holds against ours
    if (distance(load(words, this.#bottom), top) <= 0) return EMPTY // observe: published by tryPush, lowered by pop
    // Tolerated race: the owner may overwrite this place once TOP has moved on, and then the swap fails.
    const item = peek(words, this.#items + (top & (this.#capacity - 1)))
    return compareExchange(words, this.#top, top, advance(top, 1)) === top ? item : RETRY // claim: against pop, steal
  }

  /**
   * As `steal`. Before the swap it writes the item + 1 to `hand`, a word of this thief in the same memory: who dies between
   * the swap and its next step leaves a note of what it may have taken.
   */
  stealNoting(hand: number): number {
    const words = this.#words
    const top = load(words, this.#top) // observe: TOP before BOTTOM, as in steal
    if (distance(load(words, this.#bottom), top) <= 0) return EMPTY // observe: published by tryPush, lowered by pop
    const item = peek(words, this.#items + (top & (this.#capacity - 1))) // tolerated race, as in steal
    poke(words, hand, item + 1) // owned: this thief's alone; read after its death
    return compareExchange(words, this.#top, top, advance(top, 1)) === top ? item : RETRY // claim: against pop, steal
  }

  /**
   * Moves the older half, at most `limit` items, to the bottom of the thief's own deque, in order. Returns how many were
   * moved, 0 when there was nothing, RETRY when the first was lost to a race. One swap per item: the owner pops without a
   * swap while more than one item is left, so a single swap over several would hand out some of them twice.
   */
  stealInto(own: DequeOwner, limit: number): number {
    const wanted = Math.min(limit, (this.count() + 1) >> 1, own.capacity - own.count())
    let moved = 0
    while (moved < wanted) {
      const item = this.steal()
      if (item === EMPTY) break
      if (item === RETRY) return moved === 0 ? RETRY : moved
      own.tryPush(item) // cannot be full: only this thread pushes, and room was measured above
      moved++
    }
    return moved
  }
}

export interface DequeOptions {
  /** Most items at a time; rounded up to a power of two. */
  readonly capacity: number
}

/** Items are integers 0 … 2^31 - 1. `ownerOf` and `thiefOf` check magic, version, bounds and alignment. */
export const Deque = {
  bytesFor(options: DequeOptions): number {
    return ITEMS * 4 + lines(powerOfTwo(options.capacity, 'capacity') * 4)
  },
  /** @throws LayoutError `ERR_PARALLEL_LAYOUT` when `into` is too small or not aligned to 128 bytes. */
  create(options: DequeOptions & { readonly into?: Region | undefined }): Region {
    const capacity = powerOfTwo(options.capacity, 'capacity')
    return createRegion(KIND_DEQUE, Deque.bytesFor(options), [capacity], ITEMS, options.into)
  },
  ownerOf(region: Region): DequeOwner {
    const words = openRegion(KIND_DEQUE, region)
    return new DequeOwner(words, BOTTOM, TOP, ITEMS, parameterOf(words, 0))
  },
  thiefOf(region: Region): DequeThief {
    const words = openRegion(KIND_DEQUE, region)
    return new DequeThief(words, BOTTOM, TOP, ITEMS, parameterOf(words, 0))
  },
}
