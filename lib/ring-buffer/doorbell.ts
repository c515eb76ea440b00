/**
 * Doorbell: an eventcount, for who looks for work in places that cannot be waited on.
 *
 * Either the ringer sees the waiter's flag, or the waiter's second look sees the work: no wake-up is lost, and a ring
 * that nobody waits for costs one load. `ring` and `prepare`: wait-free, any thread; `commit` blocks its thread,
 * `commitAsync` does not. The waiters of one bell are all sync or all async: see README.md.
 */
import { compareExchange, load, notify, or, wait, waitAsync } from '#atomics'
import { advance, createRegion, KIND_DOORBELL, LINE_BYTES, openRegion, type Region, WORDS_PER_LINE } from './layout.js'

// One word, so that a waiter sleeps on the very value that a ring changes: bit 0 is the flag, 29 bits count rings.
//
// from            | event        | by     | to
// n rings         | prepare      | waiter | n rings, flag
// n rings, flag   | ring, notify | ringer | n + 1 rings
// n rings         | ring         | ringer | n rings
const WAITER = 1
const RING = 2

const WORD = WORDS_PER_LINE
const EVERYBODY = 0x7fffffff

/**
 * @example
 * // whoever has work
 * ring.tryPush(item)
 * bell.ring()
 * // whoever looks for it
 * const seen = bell.prepare()
 * const item = ring.take()
 * if (item === EMPTY) bell.commit(seen)
 * else bell.cancel()
 */
export class Doorbell {
  readonly #words: Int32Array
  readonly #word: number

  /** A word offset into `words`, 0 at first. Embedders use `Doorbell.of`. */
  constructor(words: Int32Array, word: number) {
    this.#words = words
    this.#word = word
  }

  /** After the work was made visible. Wakes everybody who prepared before. */
  ring(): void {
    const words = this.#words
    const seen = load(words, this.#word) // observe: prepare
    if ((seen & WAITER) === 0) return
    // A swap that is lost was lost to another ring, later than the caller's work: that ring wakes for both.
    if (compareExchange(words, this.#word, seen, advance(seen & ~WAITER, RING)) !== seen) return // publish: to commit
    notify(words, this.#word, EVERYBODY) // wake: commit, commitAsync
  }

  /** From here on a ring is not missed. Returns what `commit` waits on; look for work in between. */
  prepare(): number {
    return or(this.#words, this.#word, WAITER) | WAITER // publish: to ring, that it must notify
  }

  /** Ends a `prepare` that found work. The flag stays, for it may be another's too: the next ring pays one notify. */
  cancel(): void {}

  /** Blocks until a ring that came after `prepare`, at most `timeout` ms (default: for ever). */
  commit(seen: number, timeout?: number): 'rung' | 'timed-out' {
    const outcome = wait(this.#words, this.#word, seen, timeout ?? Number.POSITIVE_INFINITY) // park: until ring
    return outcome === 'timed-out' ? 'timed-out' : 'rung'
  }

  /** As `commit`, while this thread's event loop goes on. Keeps no thread alive. */
  commitAsync(seen: number, timeout?: number): 'rung' | Promise<'rung' | 'timed-out'> {
    const limit = timeout ?? Number.POSITIVE_INFINITY
    const outcome = waitAsync(this.#words, this.#word, seen, limit) // park: until ring
    if (outcome.async) return outcome.value.then((result) => (result === 'ok' ? 'rung' : result))
    return outcome.value === 'timed-out' ? Promise.resolve('timed-out') : 'rung'
  }

  static bytesFor(_options: object): number {
    return 2 * LINE_BYTES
  }
  /** @throws LayoutError `ERR_PARALLEL_LAYOUT` when `into` is too small or not aligned to 128 bytes. */
  static create(options: { readonly into?: Region | undefined }): Region {
    return createRegion(KIND_DOORBELL, Doorbell.bytesFor(options), [], WORD + 1, options.into)
  }
  /** Checks magic, version, bounds and alignment. */
  static of(region: Region): Doorbell {
    return new Doorbell(openRegion(KIND_DOORBELL, region), WORD)
  }
}
