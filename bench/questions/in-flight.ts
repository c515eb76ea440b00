import { casesOf, PAIRED, POOLS, start } from '../contenders/index.js'
import type { Question, Target } from '../question.js'
import { times, withUnit } from '../report/format.js'
import { middle } from '../report/reading.js'
import { sampleBatches, warmUp } from '../sample.js'
import { quantile } from '../statistics.js'

const SIZES = [10, 100, 1_000, 20_000]
const TAIL = 1_000
const keyOf = (size: number): string => `in${size}Us`

const perCall = (size: number, atMost: number): Target => ({
  what: `${size.toLocaleString('en')} in flight with 1 worker, each`,
  unit: 'µs',
  atMost,
  reached: (reading) => reading.repeats('makeparallel-1', keyOf(size)),
})

export const inFlight: Question = {
  name: 'in-flight',
  title: 'Calls in flight',
  asks: 'What does a call cost when many are under way at once: `await Promise.all(items.map((x) => fn(x)))`?',
  how:
    'The time of a whole batch, from its first call to the last value, divided by its calls; the median of many ' +
    'batches. A plain loop: tinybench times single iterations. *Promises alone* and *a call by hand* are minimal programs: ' +
    'no thread at all, and a thread that does nothing but poll a ring of numbers.',
  cases: [...casesOf([...POOLS, 'bare-promises', 'by-hand'], [1]), ...casesOf(PAIRED, [2])],
  columns: [
    ...SIZES.map((size) => ({
      key: keyOf(size),
      head: `${size.toLocaleString('en')} at once`,
      unit: 'µs' as const,
      better: 'less' as const,
    })),
    { key: 'in1000P99Us', head: 'p99 of 1,000', unit: 'µs', better: 'less' },
  ],
  main: keyOf(1_000),
  targets: [
    perCall(10, 0.5),
    perCall(100, 0.25),
    perCall(1_000, 0.25),
    {
      what: '1,000 in flight with 1 worker, faster than Piscina as documented',
      unit: '×',
      atLeast: 80,
      reached: (reading) => reading.ratio(['piscina-1', keyOf(1_000)], ['makeparallel-1', keyOf(1_000)]),
    },
    {
      what: '20,000 in flight with 1 worker, over promises alone',
      unit: '×',
      atMost: 1.5,
      reached: (reading) => reading.ratio(['makeparallel-1', keyOf(20_000)], ['bare-promises', keyOf(20_000)]),
    },
  ],
  means: (reading) => {
    const each = reading.median('makeparallel-1', keyOf(1_000))
    const piscina = middle(reading.timesPiscina('makeparallel-1', 1, keyOf(1_000)))
    const promises = middle(reading.ratio(['makeparallel-1', keyOf(1_000)], ['bare-promises', keyOf(1_000)]))
    return (
      `A thousand calls at once cost ${withUnit(each, 'µs')} each (${withUnit(1 / each, 'µs').replace(' µs', '')} million a ` +
      `second), ${times(piscina)} less than Piscina and ${times(promises)} as much as their promises alone.`
    )
  },
  async measure({ contender, threads }, effort) {
    const pool = await start(contender, threads)
    await warmUp(pool.run, 600 * effort)
    const figures: Record<string, number> = {}
    for (const size of SIZES) {
      const us = await sampleBatches(pool.run, size, 500 * effort)
      figures[keyOf(size)] = quantile(us, 0.5)
      if (size === TAIL) figures.in1000P99Us = quantile(us, 0.99)
    }
    await pool.close()
    return figures
  },
}
