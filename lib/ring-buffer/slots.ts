/**
 * Slots: records that one thread fills and one of many others claims. One word per slot decides everything.
 *
 * Queues carry refs, which are hints; the swap on the slot's word decides who runs what. Owner: `tryAllocate`, `publish`
 * and `free` are wait-free. Claimant: `tryClaim` and `complete` are lock-free. The runtime lays out slots of its own and
 * shares the word with these (slot-word.ts).
 */
import { compareExchange, load, peek, store } from '#atomics'
import {
  createRegion,
  EMPTY,
  KIND_SLOTS,
  LINE_BYTES,
  lines,
  openRegion,
  parameterOf,
  type Region,
  WORDS_PER_LINE,
} from './layout.js'
import {
  CONDEMNED,
  claimedBy,
  DONE,
  EXECUTOR_MASK,
  executorOf,
  FREE,
  GENERATION_BITS,
  generationOf,
  packState,
  QUEUED,
  RUNNING,
  stateOf,
  withState,
} from './slot-word.js'

const FIRST = WORDS_PER_LINE
const MAX_COUNT = 2 ** 20
const MAX_BYTES = 2 ** 30
/** The state word, and one more that keeps what follows aligned for doubles. */
const SLOT_HEADER_WORDS = 2

/**
 * How a ref is split: the slot in the low bits, as many as `count` needs, above it as much of the generation as fits into
 * 31 bits: all 19 bits up to 4,096 slots, 15 up to 65,536, 11 up to 2^20. The slot's own generation wraps there too. A
 * ref kept for that many uses of its slot names what is there by then, and may claim it: once, like any other ref.
 */
class RefFormat {
  readonly #count: number
  readonly #slotBits: number
  readonly #stride: number
  readonly generationMask: number

  constructor(count: number, stride: number) {
    this.#count = count
    this.#slotBits = 32 - Math.clz32(count - 1)
    this.#stride = stride
    this.generationMask = (1 << Math.min(GENERATION_BITS, 31 - this.#slotBits)) - 1
  }

  refOf(slot: number, generation: number): number {
    return (generation << this.#slotBits) | slot
  }

  slotOf(ref: number): number {
    return ref & ((1 << this.#slotBits) - 1)
  }

  generationOf(ref: number): number {
    return ref >>> this.#slotBits
  }

  /** Of a slot's word. */
  offsetOf(slot: number): number {
    return FIRST + slot * this.#stride
  }

  /**
   * Of the word of a ref's slot.
   * @throws RangeError for what `tryAllocate` never returned.
   */
  checkedOffsetOf(ref: number): number {
    const slot = this.slotOf(ref)
    if (!(ref >= 0 && slot < this.#count)) throw new RangeError(`${ref} is not a ref to one of ${this.#count} slots`)
    return this.offsetOf(slot)
  }
}

/** Fills slots and frees them. One thread, and only one, may hold it. */
export class SlotOwner {
  /** The region as 32-bit integers. */
  readonly words: Int32Array
  /** The same memory as doubles: word offset w, when even, is double w / 2. */
  readonly doubles: Float64Array
  readonly #format: RefFormat
  readonly #free: Int32Array
  #freeCount: number

  /** `free` holds the numbers of the free slots in its first `freeCount` entries. Embedders use `Slots.ownerOf`. */
  constructor(words: Int32Array, count: number, stride: number, free: Int32Array, freeCount: number) {
    this.words = words
    this.doubles = new Float64Array(words.buffer, words.byteOffset, words.length / 2)
    this.#format = new RefFormat(count, stride)
    this.#free = free
    this.#freeCount = freeCount
  }

  /** A ref to a slot that nobody else sees yet, or EMPTY when all are in use. */
  tryAllocate(): number {
    if (this.#freeCount === 0) return EMPTY
    this.#freeCount--
    const slot = this.#free[this.#freeCount] as number
    const word = peek(this.words, this.#format.offsetOf(slot)) // owned: no claimant changes a FREE slot
    return this.#format.refOf(slot, generationOf(word))
  }

  /**
   * Of the slot's first word for the caller's use; always even. The next `wordsPerSlot` are the caller's too: they may be
   * written until `publish`, and read after `stateOf` says 'done'.
   */
  wordOffset(ref: number): number {
    return this.#format.checkedOffsetOf(ref) + SLOT_HEADER_WORDS
  }

  /**
   * From here on any claimant may take it. Hand the ref on afterwards.
   * @throws RangeError when it was published or freed before.
   */
  publish(ref: number): void {
    const offset = this.#format.checkedOffsetOf(ref)
    const generation = this.#format.generationOf(ref)
    // owned: no claimant changes a FREE slot
    if (peek(this.words, offset) !== packState(FREE, 0, generation))
      throw new RangeError(`slot ${this.#format.slotOf(ref)} was published before`)
    store(this.words, offset, packState(QUEUED, 0, generation)) // publish: the slot's words, to tryClaim
  }

  /**
   * Makes the slot free for another use: after completion, or instead of `publish`. Settled is not free: until this call
   * the words stay as the executor left them.
   * @throws RangeError when it is queued or running, or was freed before.
   */
  free(ref: number): void {
    const format = this.#format
    const offset = format.checkedOffsetOf(ref)
    const slot = format.slotOf(ref)
    const word = load(this.words, offset) // observe: complete
    const generation = generationOf(word)
    if (generation !== format.generationOf(ref)) throw new RangeError(`slot ${slot} was freed before`)
    const state = stateOf(word)
    if (state === QUEUED || state === RUNNING || state === CONDEMNED)
      throw new RangeError(`slot ${slot} is ${state === QUEUED ? 'queued' : 'running'}`)
    const next = packState(FREE, 0, (generation + 1) & format.generationMask)
    store(this.words, offset, next) // publish: that refs of this generation are stale, to tryClaim
    this.#free[this.#freeCount] = slot
    this.#freeCount++
  }
}

/** Claims slots and completes them. One per thread, with a number of its own; any number of threads. */
export class SlotClaimant {
  readonly #words: Int32Array
  readonly #format: RefFormat
  readonly #id: number

  constructor(words: Int32Array, count: number, stride: number, id: number) {
    this.#words = words
    this.#format = new RefFormat(count, stride)
    this.#id = id
  }

  /** False when another claimant has it, or when the ref is stale. After true the slot's words are the caller's. */
  tryClaim(ref: number): boolean {
    const words = this.#words
    const offset = this.#format.checkedOffsetOf(ref)
    const generation = this.#format.generationOf(ref)
    for (;;) {
      const seen = load(words, offset) // observe: publish
      if (stateOf(seen) !== QUEUED || generationOf(seen) !== generation) return false
      if (compareExchange(words, offset, seen, claimedBy(seen, this.#id)) === seen) return true // claim: against tryClaim
    }
  }

  /**
   * The last access of this claimant to the slot.
   * @throws RangeError when this claimant is not running it.
   */
  complete(ref: number): void {
    const words = this.#words
    const offset = this.#format.checkedOffsetOf(ref)
    const generation = this.#format.generationOf(ref)
    for (;;) {
      const seen = load(words, offset) // observe: that it is this claimant's, and flags
      if (stateOf(seen) !== RUNNING || executorOf(seen) !== this.#id || generationOf(seen) !== generation)
        throw new RangeError(`claimant ${this.#id} is not running slot ${this.#format.slotOf(ref)}`)
      if (compareExchange(words, offset, seen, withState(seen, DONE)) === seen) return // publish: the words, to free
    }
  }

  /** A snapshot. 'done' also when it was cancelled or lost. */
  stateOf(ref: number): 'free' | 'queued' | 'running' | 'done' | 'stale' {
    const word = load(this.#words, this.#format.checkedOffsetOf(ref)) // observe: publish, tryClaim, complete, free
    if (generationOf(word) !== this.#format.generationOf(ref)) return 'stale'
    switch (stateOf(word)) {
      case FREE:
        return 'free'
      case QUEUED:
        return 'queued'
      case RUNNING:
      case CONDEMNED:
        return 'running'
      default:
        return 'done'
    }
  }
}

export interface SlotsOptions {
  /** Slots in use at a time, from 1 to 2^20. */
  readonly count: number
  /**
   * 32-bit words for the caller in each slot, at least. A slot takes two more and is rounded up to a power of two, or to
   * whole lines of 32 words: with 30 each slot has a line to itself, with 6 four share one, which helps when one thread
   * takes several at once and hurts when different threads do.
   */
  readonly wordsPerSlot: number
}

function strideOf(options: SlotsOptions): number {
  const { count, wordsPerSlot } = options
  if (!(Number.isInteger(count) && count >= 1 && count <= MAX_COUNT))
    throw new RangeError(`count must be an integer from 1 to 2^20, not ${count}`)
  if (!(Number.isInteger(wordsPerSlot) && wordsPerSlot >= 0))
    throw new RangeError(`wordsPerSlot must be an integer from 0, not ${wordsPerSlot}`)
  const used = SLOT_HEADER_WORDS + wordsPerSlot
  const stride = used > WORDS_PER_LINE ? lines(used * 4) / 4 : 1 << (32 - Math.clz32(used - 1))
  if (count * stride * 4 > MAX_BYTES) throw new RangeError(`${count} slots of ${stride} words are more than 2^30 bytes`)
  return stride
}

/** Writes the numbers of the free slots to the front of `free`, which has an entry for each slot. Returns how many. */
function collectFree(words: Int32Array, stride: number, free: Int32Array): number {
  let freeCount = 0
  for (let slot = free.length - 1; slot >= 0; slot--) {
    const word = load(words, FIRST + slot * stride) // observe: what a predecessor left
    if (stateOf(word) === FREE) free[freeCount++] = slot
  }
  return freeCount
}

/**
 * `ownerOf` and `claimantOf` check magic, version, bounds and alignment.
 * @example
 * const ref = owner.tryAllocate()
 * owner.doubles[owner.wordOffset(ref) / 2] = 0.5
 * owner.publish(ref)
 * // in another thread that got the ref
 * if (claimant.tryClaim(ref)) claimant.complete(ref)
 */
export const Slots = {
  bytesFor(options: SlotsOptions): number {
    return LINE_BYTES + lines(options.count * strideOf(options) * 4)
  },
  /** @throws LayoutError `ERR_PARALLEL_LAYOUT` when `into` is too small or not aligned to 128 bytes. */
  create(options: SlotsOptions & { readonly into?: Region | undefined }): Region {
    const bytes = Slots.bytesFor(options)
    return createRegion(KIND_SLOTS, bytes, [options.count, strideOf(options)], bytes / 4, options.into)
  },
  /** Slots that are not FREE stay with whoever filled them: a successor gets the others. */
  ownerOf(region: Region): SlotOwner {
    const words = openRegion(KIND_SLOTS, region)
    const count = parameterOf(words, 0)
    const stride = parameterOf(words, 1)
    const free = new Int32Array(count)
    return new SlotOwner(words, count, stride, free, collectFree(words, stride, free))
  },
  /** `id` is an integer from 0 to 63; two claimants with the same one cannot tell their slots apart. */
  claimantOf(region: Region, id: number): SlotClaimant {
    if (!(Number.isInteger(id) && id >= 0 && id <= EXECUTOR_MASK))
      throw new RangeError(`id must be an integer from 0 to ${EXECUTOR_MASK}, not ${id}`)
    const words = openRegion(KIND_SLOTS, region)
    return new SlotClaimant(words, parameterOf(words, 0), parameterOf(words, 1), id)
  },
}
