// A library that runs its tasks on the pool of whoever uses it. It makes no pool, starts no thread, and closes nothing.
import type { Pool } from '../../lib/index.js'
import { fnv } from './checksum-tasks.js'

const BLOCK_BYTES = 64 * 1024

export class Checksums {
  readonly #fnv: typeof fnv

  constructor(pool: Pool) {
    this.#fnv = pool.bind({ fnv }).fnv // every call goes to that pool, and none to the default one
  }

  /** The sums of the blocks of `bytes`. A view on a SharedArrayBuffer is not copied. */
  async blocks(bytes: Uint8Array): Promise<number[]> {
    const sums: PromiseLike<number>[] = []
    for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
      sums.push(this.#fnv(bytes, start, Math.min(bytes.length, start + BLOCK_BYTES)))
    }
    return Promise.all(sums)
  }
}
