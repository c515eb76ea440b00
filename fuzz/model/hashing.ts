/** Two 32-bit hashes side by side stand for a state; see fuzz/README.md for what a collision would mean. */

/** Mixes a value into a hash. The finalizer of MurmurHash3 (Appleby 2011). */
export function mix(hash: number, value: number): number {
  let h = Math.imul(hash ^ value, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** The other one: another multiplier, another order. */
export function mixOther(hash: number, value: number): number {
  let h = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) + Math.imul(value ^ 0x5bd1e995, 0x297a2d39)
  h = Math.imul(h ^ (h >>> 12), 0x7feb352d)
  return h ^ (h >>> 15)
}

/** States that were seen, each with the most preemptions that were left there. Open addressing; 64-bit keys. */
export class SeenStates {
  #keys = new Int32Array(2 << 16)
  #left = new Int8Array(1 << 16)
  size = 0

  /** True when the state was seen with at least as many left; else it is noted. */
  has(low: number, high: number, left: number): boolean {
    if (this.size * 2 > this.#left.length) this.#grow()
    const at = this.#find(low | 1, high) // a key is never 0
    const before = this.#left[at] as number
    if (before === 0) {
      this.#keys[at * 2] = low | 1
      this.#keys[at * 2 + 1] = high
      this.size++
    } else if (before > left) return true
    this.#left[at] = left + 1
    return false
  }

  #find(low: number, high: number): number {
    const keys = this.#keys
    const mask = this.#left.length - 1
    for (let at = (low ^ Math.imul(high, 0x9e3779b1)) & mask; ; at = (at + 1) & mask) {
      if (keys[at * 2] === 0 || (keys[at * 2] === low && keys[at * 2 + 1] === high)) return at
    }
  }

  #grow(): void {
    const keys = this.#keys
    const left = this.#left
    this.#keys = new Int32Array(keys.length * 2)
    this.#left = new Int8Array(left.length * 2)
    for (let i = 0; i < left.length; i++) {
      if (left[i] === 0) continue
      const at = this.#find(keys[i * 2] as number, keys[i * 2 + 1] as number)
      this.#keys[at * 2] = keys[i * 2] as number
      this.#keys[at * 2 + 1] = keys[i * 2 + 1] as number
      this.#left[at] = left[i] as number
    }
  }
}
