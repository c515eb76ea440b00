// The limit: what the machine itself takes to bring a word to another core and one back. Two threads spin on two words,
// each on a cache line of its own. No call can be faster, and the machine changes its speed within minutes (two virtual
// cores may or may not share a cache): so it is measured before and after every figure, in the same process.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { median } from './statistics.js'

export const PING = 0
export const PONG = 32 // words: 128 bytes, past what an adjacent-line prefetch brings along
export const STOP = -1

const BATCH = 20 // round trips between two readings of the clock
const LEAST_BATCHES = 200
const PATIENCE_MS = 500 // on a crowded machine the two may have to share a core for that long
const SHARED_CORE_US = 20 // a round trip that takes longer waited for a core
const WARM_UP_SHARE = 0.25

export interface Limit {
  /** Median µs there and back; NaN when the two never ran at a time. */
  readonly us: number
  /** Share of the time in which one of the two had no core: how crowded the machine is. */
  readonly stolenPercent: number
}

/** Spins for `budgetMs`. */
export async function measureLimit(budgetMs: number): Promise<Limit> {
  const words = new Int32Array(new SharedArrayBuffer(4 * 64))
  const worker = new Worker(new URL('./limit-worker.js', import.meta.url), { workerData: words })
  await once(worker, 'message')

  spin(words, 1, budgetMs * WARM_UP_SHARE)
  const us = spin(words, Atomics.load(words, PONG) + 1, budgetMs)

  const exit = once(worker, 'exit')
  Atomics.store(words, PING, STOP)
  await exit
  const middle = median(us)
  const stolen = us.filter((value) => value > SHARED_CORE_US)
  return { us: middle < SHARED_CORE_US ? middle : Number.NaN, stolenPercent: (100 * sum(stolen)) / sum(us) }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

function spin(words: Int32Array, first: number, budgetMs: number): number[] {
  const us: number[] = []
  let value = first
  const begun = performance.now()
  const isEnough = (now: number): boolean =>
    now > begun + PATIENCE_MS || (now > begun + budgetMs && us.length >= LEAST_BATCHES)
  for (let start = begun; !isEnough(start); ) {
    for (const last = value + BATCH; value < last; value++) {
      Atomics.store(words, PING, value)
      while (Atomics.load(words, PONG) !== value);
    }
    const now = performance.now()
    us.push(((now - start) * 1000) / BATCH)
    start = now
  }
  return us
}
