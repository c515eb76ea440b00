import { availableParallelism } from 'node:os'
import { casesOf, POOLS, start } from '../contenders/index.js'
import { startNeighbours } from '../neighbours.js'
import type { Question } from '../question.js'
import { withUnit } from '../report/format.js'
import { sampleBatches, sampleRoundTrips, warmUp } from '../sample.js'
import { quantile } from '../statistics.js'

export const crowded: Question = {
  name: 'crowded',
  title: 'A crowded machine',
  asks: 'What does a call cost when other processes want every core?',
  how:
    'As `round-trip` and `in-flight` with one worker, while as many other processes spin as there are cores: no two threads of a pool ' +
    'are sure to run at a time. Plain loops.',
  cases: casesOf(POOLS, [1]),
  columns: [
    { key: 'p50Us', head: 'round trip: p50', unit: 'µs', better: 'less' },
    { key: 'p90Us', head: 'p90', unit: 'µs', better: 'less' },
    { key: 'perS', head: 'calls one by one', unit: '/s', better: 'more' },
    { key: 'in1000Us', head: '1,000 at once, each', unit: 'µs', better: 'less' },
  ],
  main: 'p50Us',
  mostRepeats: 3,
  targets: [],
  means: (reading) =>
    `Whoever polls needs a core to poll on: a call takes ${withUnit(reading.median('makeparallel-1', 'p50Us'), 'µs')} then, ` +
    `${withUnit(reading.median('piscina-1', 'p50Us'), 'µs')} with Piscina and ${withUnit(reading.median('post-message-1', 'p50Us'), 'µs')} ` +
    'with postMessage alone. Where cores are always short, `spin: false` is there.',
  async measure({ contender, threads }, effort) {
    const pool = await start(contender, threads)
    await warmUp(pool.run, 500 * effort)
    const neighbours = await startNeighbours(availableParallelism())
    const begun = performance.now()
    const us = await sampleRoundTrips(pool.run, 1_500 * effort)
    const perS = us.length / ((performance.now() - begun) / 1000)
    const in1000 = await sampleBatches(pool.run, 1_000, 500 * effort)
    neighbours.stop()
    await pool.close()
    return { p50Us: quantile(us, 0.5), p90Us: quantile(us, 0.9), perS, in1000Us: quantile(in1000, 0.5) }
  },
}
