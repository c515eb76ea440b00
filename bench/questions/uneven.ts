import { casesOf, kindOf, POOLS, start } from '../contenders/index.js'
import type { Question } from '../question.js'
import { times, withUnit } from '../report/format.js'
import { middle } from '../report/reading.js'
import { sampleBatches } from '../sample.js'
import { ascending, median, quantile } from '../statistics.js'

const THREADS = 2
const SHORT_TURNS = 50_000 // about 50 µs
const LONG_TURNS = 5_000_000 // about 5 ms
const TASKS = 404
const LONG_EVERY = 101

export const uneven: Question = {
  name: 'uneven',
  title: 'Uneven loads',
  asks: 'How long does a batch take in which a few tasks are long, and how long do the short ones wait behind them?',
  how:
    '400 tasks of about 50 µs, and among them 4 of about 5 ms, all called at once; the median of many such batches. The ideal is the ' +
    'time that the same tasks take one after another on this thread, divided by the two workers. A plain loop of batches.',
  cases: [...casesOf([...POOLS, 'poolifier-queue'], [THREADS]), ...casesOf(['serial'], [])],
  columns: [
    { key: 'batchMs', head: 'the batch', unit: 'ms', better: 'less' },
    { key: 'overIdeal', head: 'to the ideal', unit: '×', better: 'less' },
    { key: 'shortP50Ms', head: 'short ones: p50', unit: 'ms', better: 'less' },
    { key: 'shortP99Ms', head: 'short ones: p99', unit: 'ms', better: 'less' },
  ],
  main: 'batchMs',
  mostRepeats: 3,
  targets: [],
  means: (reading) =>
    `The whole takes ${times(middle(reading.repeats('makeparallel-2', 'overIdeal')))} the ideal (with Piscina as it comes ` +
    `${times(middle(reading.repeats('piscina-2', 'overIdeal')))}), and half of the short tasks are back after ` +
    `${withUnit(reading.median('makeparallel-2', 'shortP50Ms'), 'ms')}: lengths need not be known beforehand.`,
  async measure({ contender, threads }, effort) {
    const pool = await start(contender, threads)
    const here = await start('serial', 0)
    await sampleBatches(pool.run, 100, 300 * effort)
    const batches: number[] = []
    const short: number[] = []
    const ideals: number[] = []
    for (const end = performance.now() + 1500 * effort; batches.length < 3 || performance.now() < end; ) {
      ideals.push(await runBatch(here.call, []))
      batches.push(await runBatch(pool.call, short))
    }
    await pool.close()
    const batchMs = median(batches)
    const waits = ascending(short)
    const overIdeal = (batchMs * (kindOf(contender) === 'floor' ? 1 : THREADS)) / median(ideals)
    return { batchMs, overIdeal, shortP50Ms: quantile(waits, 0.5), shortP99Ms: quantile(waits, 0.99) }
  },
}

/** ms of one batch; the times of its short tasks, from the first call to each one's value, go to `short`. */
async function runBatch(call: (task: 'work', turns: number) => PromiseLike<unknown>, short: number[]): Promise<number> {
  const begun = performance.now()
  const handles = Array.from({ length: TASKS }, (_, i) => {
    if (i % LONG_EVERY === LONG_EVERY - 1) return call('work', LONG_TURNS)
    return call('work', SHORT_TURNS).then(() => short.push(performance.now() - begun))
  })
  await Promise.all(handles)
  return performance.now() - begun
}
