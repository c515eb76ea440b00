// The tasks of checksums.ts: evaluated where the library is imported, and once in each worker of the pool that runs them.
import { parallel } from '../../lib/index.js'

/** FNV-1a, over the bytes from `start` to `end`. */
export const { fnv } = parallel(import.meta, {
  fnv(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193)
    return hash >>> 0
  },
})
