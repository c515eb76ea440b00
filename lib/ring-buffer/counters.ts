/**
 * Counters that any thread adds to, each in a line of its own. Wait-free.
 *
 * They wrap: a count is a signed 32-bit integer, and `(later - earlier) | 0` is right for less than 2^31 in between. A
 * pair of words would not wrap, and a reader between its two writes would be wrong by 2^32.
 */
import { add, load } from '#atomics'
import { createRegion, KIND_COUNTERS, LINE_BYTES, openRegion, type Region, WORDS_PER_LINE } from './layout.js'

const FIRST = WORDS_PER_LINE
const MAX_COUNT = 2 ** 20

export interface CountersOptions {
  /** From 1 to 2^20. */
  readonly count: number
}

/**
 * @example
 * const counters = Counters.of(Counters.create({ count: 2 }))
 * counters.add(0, 1)
 */
export class Counters {
  readonly count: number
  readonly #words: Int32Array
  readonly #first: number

  /** `first` is a word offset into `words`; a counter takes a line. Embedders use `Counters.of`. */
  constructor(words: Int32Array, first: number, count: number) {
    this.#words = words
    this.#first = first
    this.count = count
  }

  /** @throws RangeError when there is no such counter. */
  add(index: number, by: number): void {
    add(this.#words, this.#wordOf(index), by) // publish: to read; no more than the number itself
  }

  /** @throws RangeError when there is no such counter. */
  read(index: number): number {
    return load(this.#words, this.#wordOf(index)) // observe: add
  }

  #wordOf(index: number): number {
    if (!(index >= 0 && index < this.count && Number.isInteger(index)))
      throw new RangeError(`index must be an integer from 0 to ${this.count - 1}, not ${index}`)
    return this.#first + index * WORDS_PER_LINE
  }

  static bytesFor(options: CountersOptions): number {
    if (!(Number.isInteger(options.count) && options.count >= 1 && options.count <= MAX_COUNT))
      throw new RangeError(`count must be an integer from 1 to 2^20, not ${options.count}`)
    return (1 + options.count) * LINE_BYTES
  }
  /** @throws LayoutError `ERR_PARALLEL_LAYOUT` when `into` is too small or not aligned to 128 bytes. */
  static create(options: CountersOptions & { readonly into?: Region | undefined }): Region {
    const bytes = Counters.bytesFor(options)
    return createRegion(KIND_COUNTERS, bytes, [], bytes / 4, options.into)
  }
  /** Checks magic, version, bounds and alignment. */
  static of(region: Region): Counters {
    const words = openRegion(KIND_COUNTERS, region)
    return new Counters(words, FIRST, words.length / WORDS_PER_LINE - 1)
  }
}
