/** Shared memory of a scenario, with a hash of its words that each write keeps up to date. */
import { mix, mixOther } from './hashing.js'
import { Violation } from './runtime.js'
import type { Scenario } from './scenario.js'

export class Memory {
  readonly words: Int32Array
  low = 0
  high = 0
  /** Writes that changed a word, since the beginning. */
  changes = 0
  /** Words that are not as at the start, so that a reset need not go through all. */
  readonly #dirty: Int32Array
  readonly #isDirty: Uint8Array
  #dirtyCount = 0
  readonly #isIgnored: Uint8Array

  constructor(scenario: Scenario) {
    this.words = new Int32Array(new SharedArrayBuffer(scenario.bytes))
    const { length } = this.words
    this.#dirty = new Int32Array(length)
    this.#isDirty = new Uint8Array(length)
    this.#isIgnored = new Uint8Array(length)
    for (const address of scenario.ignoredWords?.(this.buffer) ?? []) this.#isIgnored[address] = 1
  }

  get buffer(): SharedArrayBuffer {
    return this.words.buffer as SharedArrayBuffer
  }

  reset(): void {
    for (let i = 0; i < this.#dirtyCount; i++) {
      const address = this.#dirty[i] as number
      this.words[address] = 0
      this.#isDirty[address] = 0
    }
    this.#dirtyCount = 0
    this.low = 0
    this.high = 0
    this.changes = 0
  }

  /** On a way that was gone before the hash is left as it is. */
  write(address: number, value: number, isHashed: boolean): void {
    const before = this.words[address] as number
    if (this.#isDirty[address] === 0) {
      this.#isDirty[address] = 1
      this.#dirty[this.#dirtyCount++] = address
    }
    this.words[address] = value
    if (before !== (value | 0)) this.changes++
    if (!isHashed || this.#isIgnored[address] === 1) return
    this.low ^= mix(address, before) ^ mix(address, value | 0)
    this.high ^= mixOther(address, before) ^ mixOther(address, value | 0)
  }

  /** Of a word of a view, in all of the memory. */
  addressOf(words: Int32Array, index: number): number {
    if (words.buffer !== this.words.buffer) throw new Violation('an access to memory that is not the scenario’s')
    if (!(index >= 0 && index < words.length && Number.isInteger(index)))
      throw new Violation(`word ${index} is outside of the ${words.length} words of its view`)
    return (words.byteOffset >> 2) + index
  }
}
