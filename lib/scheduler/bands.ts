/**
 * The host's queue: one FIFO ring per priority band. The host writes, workers take; nobody ever pops at the back.
 *
 * Beside the back of the default band lie two words of the host: the *express* word (the id pushed last together with
 * its index, so that a worker needs no second line to take a lone task) and the *bands* word (which other bands may hold
 * work, and how many tasks a worker may take at once).
 */
import { compareExchange, load, peek, poke, store } from '#atomics'
import { advance, distance, EMPTY, FifoConsumer, FifoProducer, RETRY } from '../ring-buffer/index.js'
import {
  BANDS,
  BATCH_SHIFT,
  DEFAULT_BAND,
  EXPRESS_ID_BITS,
  EXPRESS_ID_MASK,
  SLOT_BANDS,
  SLOT_EXPRESS,
  type TeamMemory,
} from './layout.js'

const BELOW = (1 << DEFAULT_BAND) - 1
const ABOVE = ((1 << BANDS) - 1) & ~BELOW
const INDEX_TAG_MASK = (1 << EXPRESS_ID_BITS) - 1

/** Host only. */
export class BandWriter {
  readonly #words: Int32Array
  readonly #bandsWord: number
  readonly #expressWord: number
  readonly #backWord: number
  readonly #frontWord: number
  readonly #items: number
  readonly #capacity: number
  readonly #others: FifoProducer[] = []
  /** The default band's back, and as far as it is published. */
  #back = 0
  #published = 0
  #cachedFront = 0
  #mask = 0
  /** 0 in fresh memory: one at a time, as 1 is. */
  #batch = 0

  /** Touches no shared word: for memory that no host has used before. Any other: `attach`. */
  constructor(memory: TeamMemory) {
    this.#words = memory.words
    this.#bandsWord = memory.slots + SLOT_BANDS
    this.#expressWord = memory.slots + SLOT_EXPRESS
    this.#backWord = memory.bandBack(DEFAULT_BAND)
    this.#frontWord = memory.bandFront(DEFAULT_BAND)
    this.#items = memory.bandItems(DEFAULT_BAND)
    this.#capacity = memory.bandCapacity
    for (let band = 0; band < BANDS; band++) {
      const back = memory.bandBack(band)
      const front = memory.bandFront(band)
      this.#others.push(new FifoProducer(memory.words, back, front, memory.bandItems(band), memory.bandCapacity))
    }
  }

  /** Goes on where a predecessor stopped. */
  static attach(memory: TeamMemory): BandWriter {
    const writer = new BandWriter(memory)
    writer.resume()
    return writer
  }

  resume(): void {
    this.#back = load(this.#words, this.#backWord) // observe: written by the predecessor
    this.#published = this.#back
    this.#cachedFront = load(this.#words, this.#frontWord) // observe: moved by the workers
    for (let band = 0; band < BANDS; band++) {
      if (band !== DEFAULT_BAND && (this.#others[band] as FifoProducer).count() > 0) this.#mask |= 1 << band
    }
    this.#batch = 1
    this.#write()
  }

  /** Appends a task to the default band, seen by workers after `publish`. False when the ring is full. */
  tryPush(id: number): boolean {
    const back = this.#back
    if (distance(back, this.#cachedFront) >= this.#capacity) {
      this.#cachedFront = load(this.#words, this.#frontWord) // observe: moved by the workers
      if (distance(back, this.#cachedFront) >= this.#capacity) return false
    }
    poke(this.#words, this.#items + (back & (this.#capacity - 1)), id) // owned: not below BACK yet
    this.#back = advance(back, 1)
    return true
  }

  /** Tasks of the default band that were pushed and not published. */
  get unpublished(): number {
    return distance(this.#back, this.#published)
  }

  publish(): void {
    if (this.unpublished === 0) return
    // Always the newest index: the word never names one that has come round, for a ring is shorter than the tag.
    const newest = advance(this.#back, -1)
    const id = peek(this.#words, this.#items + (newest & (this.#capacity - 1))) // owned: not below BACK yet
    // Tolerated race: a worker may read this word at any moment; the index in it tells whether it is of use.
    poke(this.#words, this.#expressWord, ((newest & INDEX_TAG_MASK) << EXPRESS_ID_BITS) | id)
    this.#published = this.#back
    store(this.#words, this.#backWord, this.#back) // publish: all pushed tasks, to BandReader
  }

  /** Publishes a task in another band at once. False when its ring is full. */
  tryPushTo(band: number, id: number): boolean {
    const ring = this.#others[band] as FifoProducer
    if (!ring.tryPush(id)) return false
    if ((this.#mask & (1 << band)) === 0) {
      this.#mask |= 1 << band
      this.#write() // after the item: who sees the bit finds the item
    }
    return true
  }

  /** How many tasks a worker may take by one swap: one, unless what is pushed is known to be short. */
  setBatch(limit: number): void {
    if (limit === this.#batch) return
    this.#batch = limit
    this.#write()
  }

  /** Clears the bits of bands that have run empty. Only the host fills them, so an empty one stays empty. */
  tidy(): void {
    if (this.#mask === 0) return
    let mask = this.#mask
    for (let band = 0; band < BANDS; band++) {
      if ((mask & (1 << band)) !== 0 && (this.#others[band] as FifoProducer).count() === 0) mask &= ~(1 << band)
    }
    if (mask === this.#mask) return
    this.#mask = mask
    this.#write()
  }

  /** As `countBacklog`. */
  get backlog(): number {
    return this.countBacklog()
  }

  /** Tasks that no worker has taken yet. */
  countBacklog(): number {
    let count = distance(this.#back, load(this.#words, this.#frontWord)) // observe: moved by the workers
    for (let band = 0; this.#mask >> band !== 0; band++) {
      if ((this.#mask & (1 << band)) !== 0) count += (this.#others[band] as FifoProducer).count()
    }
    return count
  }

  #write(): void {
    store(this.#words, this.#bandsWord, this.#mask | (this.#batch << BATCH_SHIFT)) // publish: to BandReader
  }
}

/** Workers only. */
export class BandReader {
  readonly #words: Int32Array
  readonly #bandsWord: number
  readonly #expressWord: number
  readonly #back: number
  readonly #front: number
  readonly #items: number
  readonly #capacity: number
  readonly #rings: FifoConsumer[] = []
  #aged = 0

  constructor(memory: TeamMemory) {
    this.#words = memory.words
    this.#bandsWord = memory.slots + SLOT_BANDS
    this.#expressWord = memory.slots + SLOT_EXPRESS
    this.#back = memory.bandBack(DEFAULT_BAND)
    this.#front = memory.bandFront(DEFAULT_BAND)
    this.#items = memory.bandItems(DEFAULT_BAND)
    this.#capacity = memory.bandCapacity
    for (let band = 0; band < BANDS; band++) {
      const back = memory.bandBack(band)
      const front = memory.bandFront(band)
      this.#rings.push(new FifoConsumer(memory.words, back, front, memory.bandItems(band), memory.bandCapacity))
    }
  }

  /** The bands word: bit b is set when band b may hold work; the default band has no bit. */
  bands(): number {
    return peek(this.#words, this.#bandsWord) // tolerated race: a hint; the look before parking uses `hasAny`
  }

  /** True when the default band is not empty: the cheapest look there is. */
  hasDefault(): boolean {
    // observe: FRONT before BACK, so that a stale FRONT can only make us look twice
    const front = load(this.#words, this.#front)
    return distance(load(this.#words, this.#back), front) > 0 // observe: published by BandWriter.tryPush
  }

  /** Tasks that no worker has taken yet, about. */
  countBacklog(): number {
    const bands = this.bands()
    let count = 0
    for (let band = 0; band < BANDS; band++) {
      if (band === DEFAULT_BAND || (bands & (1 << band)) !== 0) count += (this.#rings[band] as FifoConsumer).count()
    }
    return count
  }

  /** One task of the default band, or a run of them into `inbox`: then EMPTY here and work there. */
  takeDefault(bands: number, inbox: FifoProducer): number {
    const words = this.#words
    const front = load(words, this.#front) // observe: other workers
    const length = distance(load(words, this.#back), front) // observe: published by BandWriter.tryPush
    if (length <= 0) return EMPTY
    const batch = bands >> BATCH_SHIFT
    if (length > 1 && batch > 1) {
      const ring = this.#rings[DEFAULT_BAND] as FifoConsumer
      return ring.takeInto(inbox, batch) === RETRY ? RETRY : EMPTY
    }
    // Tolerated race: id and index are one word, so a word that names this index names its task.
    const express = peek(words, this.#expressWord)
    const item =
      express >>> EXPRESS_ID_BITS === (front & INDEX_TAG_MASK)
        ? express & EXPRESS_ID_MASK
        : peek(words, this.#items + (front & (this.#capacity - 1))) // tolerated race, as in FifoConsumer.take
    return compareExchange(words, this.#front, front, advance(front, 1)) === front ? item : RETRY // claim: against others
  }

  /** One task of the highest band above the default, or EMPTY. */
  takeAbove(bands: number): number {
    if ((bands & ABOVE) === 0) return EMPTY
    for (let band = BANDS - 1; band > DEFAULT_BAND; band--) {
      if ((bands & (1 << band)) === 0) continue
      const item = (this.#rings[band] as FifoConsumer).take()
      if (item !== EMPTY) return item
    }
    return EMPTY
  }

  /** One task of the highest band below the default, or EMPTY. */
  takeBelow(bands: number): number {
    if ((bands & BELOW) === 0) return EMPTY
    for (let band = DEFAULT_BAND - 1; band >= 0; band--) {
      if ((bands & (1 << band)) === 0) continue
      const item = (this.#rings[band] as FifoConsumer).take()
      if (item !== EMPTY) return item
    }
    return EMPTY
  }

  /** Aging: one task of whichever band is next in turn, whatever its priority, or EMPTY. */
  takeInTurn(): number {
    for (let i = 0; i < BANDS; i++) {
      this.#aged = (this.#aged + 1) % BANDS
      const item = (this.#rings[this.#aged] as FifoConsumer).take()
      if (item !== EMPTY) return item
    }
    return EMPTY
  }

  hasAny(): boolean {
    if (this.hasDefault()) return true
    const bands = load(this.#words, this.#bandsWord) // observe: written by BandWriter after the task
    for (let band = 0; band < BANDS; band++) {
      if ((bands & (1 << band)) !== 0 && (this.#rings[band] as FifoConsumer).count() > 0) return true
    }
    return false
  }
}
