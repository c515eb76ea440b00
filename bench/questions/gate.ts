// Only for `bench/gate.ts`: round trip and calls in flight in one short process. Not a question of BENCHMARKS.md.
import { type Contender, casesOf, OURS, start } from '../contenders/index.js'
import type { Question, Target } from '../question.js'
import { middle, type Reading } from '../report/reading.js'
import { sampleBatches, sampleRoundTrips, warmUp } from '../sample.js'
import { ascending, quantile } from '../statistics.js'

const WINDOWS = 6
const SUBMITTED = 50 // calls: far shorter than a time slice
const UNDISTURBED = 0.1 // of them at least, on any machine
const HISTORY_SHARE = 0.4 // of the committed ratio: the machine's slow mode, in which a cache line takes ten times as long, halves it
const HISTORY_ROOM_US = 1.5

export const gate: Question = {
  name: 'gate',
  title: 'The gate',
  asks: 'Is a call still as fast as it should be, compared with Piscina and the limit in the same minute, and with its history?',
  how: 'As `round-trip` and `in-flight`, the best of several short windows.',
  cases: casesOf([OURS, 'piscina'], [1, 2]).filter(({ name }) => name !== 'piscina-2'),
  columns: [
    { key: 'roundTripUs', head: 'round trip', unit: 'µs', better: 'less' },
    { key: 'in1000Us', head: '1,000 at once', unit: 'µs', better: 'less' },
    { key: 'submitUs', head: 'submission', unit: 'µs', better: 'less' },
  ],
  main: 'roundTripUs',
  targets: [
    {
      what: 'round trip, faster than Piscina',
      unit: '×',
      atLeast: 8,
      reached: (reading) => toPiscina(reading, 'roundTripUs'),
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
      reached: (reading) => toPiscina(reading, 'in1000Us'),
    },
    {
      what: 'submission, faster than Piscina',
      unit: '×',
      atLeast: 1,
      evenCrowded: true,
      reached: (reading) => toPiscina(reading, 'submitUs'),
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
    const submitUs = await sampleSubmissions(pool.run, 100 * effort)
    await pool.close()
    return { roundTripUs, in1000Us, submitUs }
  },
}

/** The same figures against what bench/results has of them, with generous room; none for a question without a result. */
export function historyTargets(roundTrip: Reading | undefined, inFlight: Reading | undefined): Target[] {
  const piscina = (was: Reading, key: string): number => middle(was.ratio(['piscina-1', key], ['makeparallel-1', key]))
  const targets: Target[] = []
  if (roundTrip !== undefined) {
    targets.push({
      what: 'the same, to the history: round trip and Piscina',
      unit: '×',
      atLeast: Math.round(HISTORY_SHARE * piscina(roundTrip, 'p50Us')),
      reached: (reading) => toPiscina(reading, 'roundTripUs'),
    })
    targets.push({
      what: 'the same, to the history: over the limit',
      unit: 'µs',
      atMost: Number((middle(roundTrip.overLimit('makeparallel-1', 'p50Us')) + HISTORY_ROOM_US).toFixed(1)),
      reached: (reading) => reading.overLimit('makeparallel-1', 'roundTripUs'),
    })
  }
  if (inFlight !== undefined) {
    targets.push({
      what: 'the same, to the history: 1,000 and Piscina',
      unit: '×',
      atLeast: Math.round(HISTORY_SHARE * piscina(inFlight, 'in1000Us')),
      reached: (reading) => toPiscina(reading, 'in1000Us'),
    })
  }
  return targets
}

const toPiscina = (reading: Reading, key: string): number[] =>
  reading.ratio(['piscina-1', key], ['makeparallel-1', key])

/** The median of the best of several windows: a busy neighbour makes some of them slower, a regression all. */
async function best(sample: () => Promise<Float64Array>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let window = 0; window < WINDOWS; window++) least = Math.min(least, quantile(await sample(), 0.5))
  return least
}

/** µs per call that the caller is kept, in those batches in which nobody took its core away. */
async function sampleSubmissions(run: Contender['run'], budgetMs: number): Promise<number> {
  const us: number[] = []
  const handles = new Array<PromiseLike<number>>(SUBMITTED)
  for (const end = performance.now() + budgetMs; us.length < 20 || performance.now() < end; ) {
    const begun = performance.now()
    for (let i = 0; i < SUBMITTED; i++) handles[i] = run(i)
    us.push(((performance.now() - begun) * 1000) / SUBMITTED)
    await Promise.all(handles)
  }
  return quantile(ascending(us), UNDISTURBED)
}
