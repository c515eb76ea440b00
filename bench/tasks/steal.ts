// A parent that measures, on one worker, how long its child takes to begin on another.
import { parallel } from '../library.js'

const GIVE_UP_MS = 100 // no other worker came

export const stealing = parallel(import.meta, {
  begin(words: Int32Array): void {
    Atomics.store(words, 0, 1)
  },

  /** µs from each spawn until the child has begun elsewhere, as its parent sees it; NaN where it did not. */
  watch(words: Int32Array, count: number, pauseMs: number): Float64Array {
    const us = new Float64Array(count)
    for (let i = 0; i < count; i++) {
      Atomics.store(words, 0, 0)
      for (const end = performance.now() + pauseMs; performance.now() < end; );
      const spawned = performance.now()
      const child = stealing.begin(words)
      let now = performance.now() // spawning may itself take long, where it wakes somebody
      while (Atomics.load(words, 0) === 0 && now < spawned + GIVE_UP_MS) now = performance.now()
      us[i] = Atomics.load(words, 0) === 0 ? Number.NaN : (now - spawned) * 1000
      child.get()
    }
    return us
  },
})
