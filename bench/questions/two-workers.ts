import { casesOf, POOLS, start } from '../contenders/index.js'
import type { Question } from '../question.js'
import { times } from '../report/format.js'
import { middle } from '../report/reading.js'
import { sampleBatches, sampleRoundTrips, warmUp } from '../sample.js'
import { quantile } from '../statistics.js'

const WORK_TURNS = 100_000 // about 100 µs
const WORK_BATCH = 200
const US_PER_S = 1e6

const ours = (key: string) => ({ two: ['makeparallel-2', key] as const, one: ['makeparallel-1', key] as const })

export const twoWorkers: Question = {
  name: 'two-workers',
  title: 'Two workers on two cores',
  asks: 'What do two workers and the host cost each other where only two cores are, and what do they gain?',
  how:
    'Empty calls, which only the dispatch can slow down, and tasks that compute for about 100 µs. Plain loops, as in ' +
    '`round-trip` and `in-flight`.',
  cases: [...casesOf(POOLS, [1, 2]), ...casesOf(['serial'], [])],
  columns: [
    { key: 'roundTripUs', head: 'round trip', unit: 'µs', better: 'less' },
    { key: 'in1000PerS', head: '1,000 at once', unit: '/s', better: 'more' },
    { key: 'in20000PerS', head: '20,000 at once', unit: '/s', better: 'more' },
    { key: 'workPerS', head: 'tasks of 100 µs', unit: '/s', better: 'more' },
  ],
  main: 'in1000PerS',
  mostRepeats: 3,
  targets: [
    {
      what: 'throughput of 2 workers to that of 1, 1,000 empty calls at once',
      unit: '×',
      atLeast: 0.8,
      reached: (reading) => reading.ratio(ours('in1000PerS').two, ours('in1000PerS').one),
    },
    {
      what: 'throughput of 2 workers to that of 1, 20,000 empty calls at once',
      unit: '×',
      atLeast: 0.8,
      reached: (reading) => reading.ratio(ours('in20000PerS').two, ours('in20000PerS').one),
    },
    {
      what: 'round trip with 2 workers to that with 1',
      unit: '×',
      atMost: 1.2,
      reached: (reading) => reading.ratio(ours('roundTripUs').two, ours('roundTripUs').one),
    },
    {
      what: 'throughput of 2 workers to that of 1, tasks of 100 µs',
      unit: '×',
      atLeast: 1.85,
      reached: (reading) => reading.ratio(ours('workPerS').two, ours('workPerS').one),
    },
  ],
  means: (reading) => {
    const empty = middle(reading.ratio(ours('in1000PerS').two, ours('in1000PerS').one))
    const busy = middle(reading.ratio(ours('workPerS').two, ours('workPerS').one))
    return (
      `With tasks of 100 µs a second worker brings ${times(busy)} the throughput; with empty ones, where it can only be ` +
      `in the way, ${times(empty)}.`
    )
  },
  async measure({ contender, threads }, effort) {
    const pool = await start(contender, threads)
    await warmUp(pool.run, 600 * effort)
    const roundTripUs = quantile(await sampleRoundTrips(pool.run, 500 * effort), 0.5)
    const in1000 = quantile(await sampleBatches(pool.run, 1_000, 500 * effort), 0.5)
    const in20000 = quantile(await sampleBatches(pool.run, 20_000, 500 * effort), 0.5)
    const workUs = await sampleWork((turns) => pool.call('work', turns), 500 * effort)
    await pool.close()
    const perS = (us: number): number => US_PER_S / us
    return { roundTripUs, in1000PerS: perS(in1000), in20000PerS: perS(in20000), workPerS: perS(workUs) }
  },
}

/** µs per task of WORK_TURNS, many at once. */
async function sampleWork(work: (turns: number) => PromiseLike<number>, budgetMs: number): Promise<number> {
  let batches = 0
  await Promise.all(Array.from({ length: WORK_BATCH }, () => work(WORK_TURNS)))
  const start = performance.now()
  do {
    await Promise.all(Array.from({ length: WORK_BATCH }, () => work(WORK_TURNS)))
    batches++
  } while (performance.now() - start < budgetMs)
  return ((performance.now() - start) * 1000) / (batches * WORK_BATCH)
}
