import { casesOf, PAIRED, POOLS, start } from '../contenders/index.js'
import type { Question } from '../question.js'
import { figure, times, withUnit } from '../report/format.js'
import { middle } from '../report/reading.js'
import { percentilesUs, sampleRoundTrips, warmUp } from '../sample.js'

export const roundTrip: Question = {
  name: 'round-trip',
  title: 'Round trip',
  asks: 'How long does `await fn(x)` take, from the call to the value, when the worker is hot?',
  how:
    'One call at a time, a number there and back, each timed on its own in a plain loop (the reading of the clock, ' +
    'about 0.05 µs, is included; tinybench would add its own share to every call). *A call by hand* is a minimal program: ' +
    'a ring of numbers, a thread that polls it, a promise, and nothing else.',
  cases: [...casesOf([...POOLS, 'by-hand'], [1]), ...casesOf(PAIRED, [2])],
  columns: [
    { key: 'p50Us', head: 'p50', unit: 'µs', better: 'less' },
    { key: 'p90Us', head: 'p90', unit: 'µs', better: 'less' },
    { key: 'p99Us', head: 'p99', unit: 'µs', better: 'less' },
    { key: 'p999Us', head: 'p99.9', unit: 'µs', better: 'less' },
  ],
  main: 'p50Us',
  targets: [
    {
      what: 'p50 with 1 worker, over the limit',
      unit: 'µs',
      atMost: 0.5,
      reached: (reading) => reading.overLimit('makeparallel-1', 'p50Us'),
    },
    {
      what: 'p50 with 1 worker, faster than Piscina',
      unit: '×',
      atLeast: 20,
      reached: (reading) => reading.timesPiscina('makeparallel-1', 1, 'p50Us'),
    },
    {
      what: 'p99 with 1 worker',
      unit: 'µs',
      atMost: 5,
      reached: (reading) => reading.repeats('makeparallel-1', 'p99Us'),
    },
  ],
  means: (reading) => {
    const p50 = reading.median('makeparallel-1', 'p50Us')
    const over = middle(reading.overLimit('makeparallel-1', 'p50Us'))
    const piscina = middle(reading.timesPiscina('makeparallel-1', 1, 'p50Us'))
    return (
      `A call costs ${withUnit(p50, 'µs')}, ${figure(over)} µs more than two cores need to exchange a word: ` +
      `from tasks of ${figure(10 * p50)} µs on, the dispatch is less than a tenth. With Piscina they have to be ${times(piscina)} as long.`
    )
  },
  async measure({ contender, threads }, effort) {
    const pool = await start(contender, threads)
    await warmUp(pool.run, 600 * effort)
    const us = await sampleRoundTrips(pool.run, 1200 * effort)
    await pool.close()
    return percentilesUs(us)
  },
}
