import { setTimeout as sleep } from 'node:timers/promises'
import { type Contender, casesOf, start } from '../contenders/index.js'
import type { Column, Question } from '../question.js'
import { withUnit } from '../report/format.js'
import { sampleBatches, sampleRoundTrips, warmUp } from '../sample.js'
import { ascending, quantile } from '../statistics.js'
import { sharedNow } from '../tasks/functions.js'

const SEARCHING_PAUSE_MS = 0.02 // this library's workers poll for 50 µs
const PARKED_PAUSE_MS = 20

const time = (key: string, head: string): Column => ({ key, head, unit: 'µs', better: 'less' })

export const regimes: Question = {
  name: 'regimes',
  title: 'Hot, searching, parked, cold; 1 to 32 workers',
  asks: 'What does a call cost after a pause, and what do workers cost that there are no cores for?',
  how:
    "Single calls: one right after the other (hot), 20 µs after the last (this library's workers still search), 20 ms after it (all " +
    'sleep); *begins* is when the task itself starts, by a clock that the threads share. Cold is the first value of a new pool with ' +
    'all its threads, the library being loaded. Plain loops: pauses are no iterations.',
  cases: casesOf(['makeparallel', 'piscina', 'tinypool', 'post-message'], [1, 2, 4, 32]),
  columns: [
    time('hotP50Us', 'hot: p50'),
    time('hotP99Us', 'p99'),
    time('searchingP50Us', 'searching: p50'),
    time('searchingP99Us', 'p99'),
    time('parkedP50Us', 'parked: p50'),
    time('parkedP90Us', 'p90'),
    time('beginsP50Us', 'parked: begins'),
    { key: 'coldMs', head: 'cold', unit: 'ms', better: 'less' },
    time('in1000Us', '1,000 at once, each'),
  ],
  main: 'hotP50Us',
  mostRepeats: 3,
  targets: [],
  means: (reading) => {
    const ours = (threads: number, key: string): string =>
      withUnit(reading.median(`makeparallel-${threads}`, key), 'µs')
    return (
      `A call costs ${ours(1, 'hotP50Us')} while calls follow each other and ${ours(1, 'parkedP50Us')} after a pause, when a thread has ` +
      `to be woken; with 32 workers on these cores it is ${ours(32, 'hotP50Us')} and ${ours(32, 'parkedP50Us')}: too many threads ` +
      'cost memory, and little time.'
    )
  },
  async measure({ contender, threads }, effort) {
    await (await start(contender, 1)).close() // loads what it loads
    const begun = performance.now()
    const pool = await start(contender, threads)
    await pool.run(0)
    const coldMs = performance.now() - begun
    await warmUp(pool.run, 500 * effort)
    const hot = await sampleRoundTrips(pool.run, 400 * effort)
    const searching = await sampleAfter(pool.run, 300 * effort, () => spin(SEARCHING_PAUSE_MS))
    const parked = await sampleAfter(pool.run, 800 * effort, () => sleep(PARKED_PAUSE_MS))
    const begins = await sampleBegins(pool, 500 * effort)
    const in1000 = await sampleBatches(pool.run, 1_000, 300 * effort)
    await pool.close()
    return {
      hotP50Us: quantile(hot, 0.5),
      hotP99Us: quantile(hot, 0.99),
      searchingP50Us: quantile(searching, 0.5),
      searchingP99Us: quantile(searching, 0.99),
      parkedP50Us: quantile(parked, 0.5),
      parkedP90Us: quantile(parked, 0.9),
      beginsP50Us: quantile(begins, 0.5),
      coldMs,
      in1000Us: quantile(in1000, 0.5),
    }
  },
}

/** Ascending µs of calls with a pause before each. */
async function sampleAfter(
  run: Contender['run'],
  budgetMs: number,
  pause: () => void | Promise<void>,
): Promise<Float64Array> {
  const us: number[] = []
  for (const end = performance.now() + budgetMs; us.length < 5 || performance.now() < end; ) {
    await pause()
    const begun = performance.now()
    await run(us.length)
    us.push((performance.now() - begun) * 1000)
  }
  return ascending(us)
}

/** Ascending µs from the call of a parked pool until the task has begun. */
async function sampleBegins(pool: Contender, budgetMs: number): Promise<Float64Array> {
  const us: number[] = []
  for (const end = performance.now() + budgetMs; us.length < 5 || performance.now() < end; ) {
    await sleep(PARKED_PAUSE_MS)
    const called = sharedNow()
    us.push(((await pool.call('stamp', 0)) - called) * 1000)
  }
  return ascending(us)
}

function spin(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}
