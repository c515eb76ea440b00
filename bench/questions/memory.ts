import { setTimeout as sleep } from 'node:timers/promises'
import { casesOf, POOLS, start } from '../contenders/index.js'
import type { Question } from '../question.js'
import { withUnit } from '../report/format.js'
import { sampleBatches } from '../sample.js'

const SETTLE_MS = 300
const MiB = 2 ** 20

export const memory: Question = {
  name: 'memory',
  title: 'Memory of a worker',
  asks: 'What does a worker hold that has run a few thousand calls?',
  how:
    'The resident memory of the process with the pool, after five batches of a thousand calls, less that before it was made, by its ' +
    'threads. Plain code: it happens once. What a call holds while it waits is in `growth`.',
  cases: casesOf(
    POOLS.filter((name) => !name.startsWith('piscina-')),
    [1, 8],
  ),
  columns: [{ key: 'workerMiB', head: 'resident memory, each', unit: 'MiB', better: 'less', noise: 1 }],
  main: 'workerMiB',
  targets: [],
  means: (reading) =>
    `Each of eight workers takes ${withUnit(reading.median('makeparallel-8', 'workerMiB'), 'MiB')}, and a bare Worker ` +
    `${withUnit(reading.median('post-message-8', 'workerMiB'), 'MiB')}: nearly all of it is an isolate of Node.`,
  async measure({ contender, threads }) {
    globalThis.gc?.()
    const before = process.memoryUsage.rss()
    const pool = await start(contender, threads)
    await sampleBatches(pool.run, 1_000, 0)
    await sleep(SETTLE_MS)
    globalThis.gc?.()
    const workerMiB = (process.memoryUsage.rss() - before) / MiB / threads
    await pool.close()
    return { workerMiB }
  },
}
