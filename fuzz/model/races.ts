/**
 * Data races, by vector clocks: two accesses to a word by different threads, one of them a write and one of them plain,
 * of which neither happens before the other.
 *
 * What orders threads: a read of a word sees all that came before the store it reads from (a swap hands on what the
 * one before it has seen), a wake sees what came before the notify, and who was told of a death sees all that the dead did.
 * After FastTrack (Flanagan and Freund, PLDI 2009), but with full clocks: there are four threads, not four hundred.
 */

const PLAIN_READ = 0
const PLAIN_WRITE = 1
const ATOMIC_READ = 2
const ATOMIC_WRITE = 3
const CLASSES = 4

/** `earlier` and `later` are sites. */
export type OnRace = (address: number, earlier: number, later: number) => void

export class Races {
  readonly #threads: number
  readonly #onRace: OnRace
  /** A row per thread. */
  readonly #clocks: Int32Array
  /** By word: what who reads it learns. And the same for the list of those who wait on it. */
  readonly #released: Int32Array
  readonly #waiters: Int32Array
  /** By word, class and thread: the clock of the last access, and its site. */
  readonly #accesses: Int32Array
  readonly #sites: Int32Array
  /** Words that have entries. */
  readonly #touched: Int32Array
  readonly #isTouched: Uint8Array
  #touchedCount = 0

  constructor(words: number, threads: number, onRace: OnRace) {
    this.#threads = threads
    this.#onRace = onRace
    this.#clocks = new Int32Array(threads * threads)
    this.#released = new Int32Array(words * threads)
    this.#waiters = new Int32Array(words * threads)
    this.#accesses = new Int32Array(words * threads * CLASSES)
    this.#sites = new Int32Array(words * threads * CLASSES)
    this.#touched = new Int32Array(words)
    this.#isTouched = new Uint8Array(words)
  }

  reset(): void {
    const n = this.#threads
    for (let i = 0; i < this.#touchedCount; i++) {
      const word = this.#touched[i] as number
      this.#isTouched[word] = 0
      this.#released.fill(0, word * n, word * n + n)
      this.#waiters.fill(0, word * n, word * n + n)
      this.#accesses.fill(0, word * n * CLASSES, (word + 1) * n * CLASSES)
    }
    this.#touchedCount = 0
    this.#clocks.fill(0)
    for (let t = 0; t < n; t++) this.#clocks[t * n + t] = 1
  }

  plainRead(t: number, word: number, site: number): void {
    this.#note(t, word, PLAIN_READ, site)
    this.#check(t, word, PLAIN_WRITE, site)
    this.#check(t, word, ATOMIC_WRITE, site)
  }

  plainWrite(t: number, word: number, site: number): void {
    this.#note(t, word, PLAIN_WRITE, site)
    for (let kind = PLAIN_READ; kind <= ATOMIC_WRITE; kind++) this.#check(t, word, kind, site)
  }

  atomicRead(t: number, word: number, site: number): void {
    this.#note(t, word, ATOMIC_READ, site)
    this.#check(t, word, PLAIN_WRITE, site)
    this.#learn(t, this.#released, word)
  }

  /** A store: who reads it learns of this thread alone. */
  atomicStore(t: number, word: number, site: number): void {
    this.#noteWrite(t, word, site)
    const n = this.#threads
    for (let u = 0; u < n; u++) this.#released[word * n + u] = this.#clocks[t * n + u] as number
    this.#advance(t)
  }

  /** A swap that reads and writes: what came before the store that it reads came before its write. */
  atomicUpdate(t: number, word: number, site: number): void {
    this.#learn(t, this.#released, word)
    this.#noteWrite(t, word, site)
    this.#teach(t, this.#released, word)
  }

  /** Entering or leaving the list of those who wait on a word, and waking those in it. */
  waiterList(t: number, word: number): void {
    this.#touch(word)
    this.#learn(t, this.#waiters, word)
    this.#teach(t, this.#waiters, word)
  }

  /** `t` is told that `dead` touches no memory any more. */
  told(t: number, dead: number): void {
    const n = this.#threads
    for (let u = 0; u < n; u++) {
      const known = this.#clocks[dead * n + u] as number
      if (known > (this.#clocks[t * n + u] as number)) this.#clocks[t * n + u] = known
    }
  }

  #noteWrite(t: number, word: number, site: number): void {
    this.#note(t, word, ATOMIC_WRITE, site)
    this.#check(t, word, PLAIN_READ, site)
    this.#check(t, word, PLAIN_WRITE, site)
  }

  #note(t: number, word: number, kind: number, site: number): void {
    this.#touch(word)
    const at = (word * CLASSES + kind) * this.#threads + t
    this.#accesses[at] = this.#clocks[t * this.#threads + t] as number
    this.#sites[at] = site
  }

  #check(t: number, word: number, kind: number, site: number): void {
    const n = this.#threads
    const first = (word * CLASSES + kind) * n
    for (let u = 0; u < n; u++) {
      if (u !== t && (this.#accesses[first + u] as number) > (this.#clocks[t * n + u] as number))
        this.#onRace(word, this.#sites[first + u] as number, site)
    }
  }

  #touch(word: number): void {
    if (this.#isTouched[word] === 1) return
    this.#isTouched[word] = 1
    this.#touched[this.#touchedCount++] = word
  }

  #learn(t: number, from: Int32Array, word: number): void {
    const n = this.#threads
    for (let u = 0; u < n; u++) {
      const known = from[word * n + u] as number
      if (known > (this.#clocks[t * n + u] as number)) this.#clocks[t * n + u] = known
    }
  }

  #teach(t: number, to: Int32Array, word: number): void {
    const n = this.#threads
    for (let u = 0; u < n; u++) {
      const known = this.#clocks[t * n + u] as number
      if (known > (to[word * n + u] as number)) to[word * n + u] = known
    }
    this.#advance(t)
  }

  #advance(t: number): void {
    ;(this.#clocks[t * this.#threads + t] as number)++
  }
}
