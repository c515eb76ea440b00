/**
 * Latch: a word that is set once, and whom it lets through.
 *
 * `set` and `probe`: wait-free, any thread; `set` notifies only when somebody waits. `wait` blocks its thread, `waitAsync`
 * does not. The waiters of one latch are all sync or all async: see README.md.
 */
import { compareExchange, exchange, load, notify, wait, waitAsync } from '#atomics'
import { createRegion, KIND_LATCH, LINE_BYTES, openRegion, type Region, WORDS_PER_LINE } from './layout.js'

// from    | event        | by     | to
// CLEAR   | wait         | waiter | WAITED
// CLEAR   | set          | any    | SET
// WAITED  | set, notify  | any    | SET
const CLEAR = 0
const WAITED = 1
const SET = 2

const WORD = WORDS_PER_LINE
const EVERYBODY = 0x7fffffff

/**
 * @example
 * const region = Latch.create({})
 * Latch.of(region).wait(1000) // in a thread that got the region
 * Latch.of(region).set() // in another one
 */
export class Latch {
  readonly #words: Int32Array
  readonly #word: number

  /** A word offset into `words`, 0 at first. Embedders use `Latch.of`. */
  constructor(words: Int32Array, word: number) {
    this.#words = words
    this.#word = word
  }

  /** For good. A second call also wakes those whom a setter that died before its notify left asleep. */
  set(): void {
    const before = exchange(this.#words, this.#word, SET) // publish: all that the caller wrote before, to probe and wait
    if (before !== CLEAR) notify(this.#words, this.#word, EVERYBODY) // wake: wait, waitAsync
  }

  probe(): boolean {
    return load(this.#words, this.#word) === SET // observe: set
  }

  /** Blocks until it is set, at most `timeout` ms (default: for ever); false when it is not set by then. */
  wait(timeout?: number): boolean {
    if (this.#announce()) return true
    wait(this.#words, this.#word, WAITED, timeout ?? Number.POSITIVE_INFINITY) // park: until set
    return this.probe()
  }

  /** As `wait`, while this thread's event loop goes on; true at once when it is set. Keeps no thread alive. */
  waitAsync(timeout?: number): boolean | Promise<boolean> {
    if (this.#announce()) return true
    const outcome = waitAsync(this.#words, this.#word, WAITED, timeout ?? Number.POSITIVE_INFINITY) // park: until set
    if (!outcome.async) return this.probe()
    return outcome.value.then((result) => result === 'ok')
  }

  /** True when it is set; otherwise `set` will find that somebody waits. */
  #announce(): boolean {
    return compareExchange(this.#words, this.#word, CLEAR, WAITED) === SET // publish: to set, that it must notify
  }

  static bytesFor(_options: object): number {
    return 2 * LINE_BYTES
  }
  /** @throws LayoutError `ERR_PARALLEL_LAYOUT` when `into` is too small or not aligned to 128 bytes. */
  static create(options: { readonly into?: Region | undefined }): Region {
    return createRegion(KIND_LATCH, Latch.bytesFor(options), [], WORD + 1, options.into)
  }
  /** Checks magic, version, bounds and alignment. */
  static of(region: Region): Latch {
    return new Latch(openRegion(KIND_LATCH, region), WORD)
  }
}
