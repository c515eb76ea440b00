// Only for `bench/gate.ts`: round trip and calls in flight in one short process. Not a question of BENCHMARKS.md.
import { casesOf, start } from '../contenders/index.js'
import type { Question } from '../question.js'
import { sampleBatches, sampleRoundTrips, warmUp } from '../sample.js'
import { quantile } from '../statistics.js'

const WINDOWS = 6

export const gate: Question = {
  name: 'gate',
  title: 'The gate',
  asks: 'Is a call still as fast as it should be, compared with Piscina and the limit in the same minute?',
  how: 'As `round-trip` and `in-flight`, the best of several short windows.',
  cases: casesOf(['makeparallel', 'piscina'], [1, 2]),
  columns: [
    { key: 'roundTripUs', head: 'round trip', unit: 'µs', better: 'less' },
    { key: 'in1000Us', head: '1,000 at once', unit: 'µs', better: 'less' },
  ],
  main: 'roundTripUs',
  targets: [
    {
      what: 'round trip, faster than Piscina',
      unit: '×',
      atLeast: 8,
      reached: (reading) => reading.ratio(['piscina-1', 'roundTripUs'], ['makeparallel-1', 'roundTripUs']),
    },
    {
      what: 'round trip, over the limit',
      unit: 'µs',
      atMost: 3,
      reached: (reading) => reading.overLimit('makeparallel-1', 'roundTripUs'),
    },
    {
      what: '1,000 in flight, faster than Piscina',
      unit: '×',
      atLeast: 15,
      reached: (reading) => reading.ratio(['piscina-1', 'in1000Us'], ['makeparallel-1', 'in1000Us']),
    },
    {
      what: 'throughput of 2 workers to that of 1',
      unit: '×',
      atLeast: 0.5,
      reached: (reading) => reading.ratio(['makeparallel-1', 'in1000Us'], ['makeparallel-2', 'in1000Us']),
    },
  ],
  means: () => '',
  async measure({ contender, threads }, effort) {
    const pool = await start(contender, threads)
    await warmUp(pool.run, 400 * effort)
    const roundTripUs = await best(() => sampleRoundTrips(pool.run, 50 * effort))
    const in1000Us = await best(() => sampleBatches(pool.run, 1_000, 50 * effort))
    await pool.close()
    return { roundTripUs, in1000Us }
  },
}

/** The median of the best of several windows: a busy neighbour makes some of them slower, a regression all. */
async function best(sample: () => Promise<Float64Array>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let window = 0; window < WINDOWS; window++) least = Math.min(least, quantile(await sample(), 0.5))
  return least
}
