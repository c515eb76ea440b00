// The loops that the questions share. Plain loops: tinybench awaits and times each iteration, so it can measure neither
// what a batch in flight costs per call nor the tail of single calls without its own share in it.
import type { Contender } from './contenders/index.js'
import { ascending, quantile } from './statistics.js'

const MAX_SAMPLES = 2_000_000
const WARM_UP_BATCHES = 2
const LARGE = 100_000 // a batch of that size warms itself

/** `await run(x)`, one call at a time, for `budgetMs`. µs per call, ascending; a reading of the clock is included. */
export async function sampleRoundTrips(run: Contender['run'], budgetMs: number): Promise<Float64Array> {
  const us = new Float64Array(MAX_SAMPLES) // pages that stay untouched cost nothing
  let taken = 0
  let wrong = 0
  const end = performance.now() + budgetMs
  for (let start = performance.now(); start < end && taken < MAX_SAMPLES; ) {
    start = performance.now()
    const value = await run(taken)
    us[taken] = (performance.now() - start) * 1000
    if (value !== taken) wrong++
    taken++
  }
  if (wrong > 0) throw new Error(`${wrong} of ${taken} results were wrong`)
  return ascending(us.subarray(0, taken))
}

/** µs per call of `size` calls at a time, submitted together and awaited with Promise.all: one value per batch, ascending. */
export async function sampleBatches(
  run: Contender['run'],
  size: number,
  budgetMs: number,
  leastBatches = 3,
): Promise<Float64Array> {
  const us: number[] = []
  const handles = new Array<PromiseLike<number>>(size)
  const end = performance.now() + budgetMs
  for (let batch = size < LARGE ? -WARM_UP_BATCHES : 0; batch < leastBatches || performance.now() < end; batch++) {
    const start = performance.now()
    for (let i = 0; i < size; i++) handles[i] = run(i)
    const values = await Promise.all(handles)
    const spentUs = (performance.now() - start) * 1000
    if (batch >= 0) us.push(spentUs / size)
    if (values[size - 1] !== size - 1) throw new Error(`call ${size - 1} of a batch returned ${values[size - 1]}`)
  }
  return ascending(us)
}

/** Until the compiler has seen all: single calls and small batches for `budgetMs`. */
export async function warmUp(run: Contender['run'], budgetMs: number): Promise<void> {
  await sampleRoundTrips(run, budgetMs / 2)
  await sampleBatches(run, 100, budgetMs / 2)
}

/** Percentiles under the keys that tables use. */
export const percentilesUs = (sorted: Float64Array): Record<string, number> => ({
  p50Us: quantile(sorted, 0.5),
  p90Us: quantile(sorted, 0.9),
  p99Us: quantile(sorted, 0.99),
  p999Us: quantile(sorted, 0.999),
})
