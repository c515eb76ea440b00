import { casesOf, load, POOLS, start } from '../contenders/index.js'
import type { Question } from '../question.js'
import { withUnit } from '../report/format.js'
import { median } from '../statistics.js'

const LATER_STARTS = 5

export const cold: Question = {
  name: 'cold',
  title: 'Cold start',
  asks: 'How long until `new Pool()` has given its first result?',
  how:
    'From the construction to the value of the first call, with one thread; the libraries are loaded, as an application ' +
    'has them. Once as the first of the process, then more pools one after another. Plain code: ' +
    'the first time happens once. The last two rows are minimal programs: a bare Worker that answers once, with an empty module, ' +
    'and with the modules that a worker of this library cannot do without.',
  cases: casesOf([...POOLS.filter((name) => name !== 'piscina-16'), 'bare-worker-empty', 'bare-worker-loading'], [1]),
  columns: [
    { key: 'firstMs', head: 'first of the process', unit: 'ms', better: 'less' },
    { key: 'laterMs', head: 'a later pool', unit: 'ms', better: 'less' },
  ],
  main: 'firstMs',
  targets: [
    {
      what: 'first result, to that of a bare Worker',
      unit: '×',
      atMost: 1.2,
      reached: (reading) => reading.ratio(['makeparallel-1', 'firstMs'], ['post-message-1', 'firstMs']),
    },
    {
      what: 'first result of a later pool, to that of a bare Worker',
      unit: '×',
      atMost: 1.2,
      reached: (reading) => reading.ratio(['makeparallel-1', 'laterMs'], ['post-message-1', 'laterMs']),
    },
  ],
  means: (reading) =>
    `The first result is there after ${withUnit(reading.median('makeparallel-1', 'firstMs'), 'ms')}, of which a bare Worker takes ` +
    `${withUnit(reading.median('post-message-1', 'firstMs'), 'ms')}, and one that loads the same modules ` +
    `${withUnit(reading.median('bare-worker-loading', 'firstMs'), 'ms')}: keep a pool, do not make one per job.`,
  async measure({ contender, threads }) {
    await load(contender)
    const firstMs = await sampleStart(contender, threads)
    const laterMs: number[] = []
    for (let i = 0; i < LATER_STARTS; i++) laterMs.push(await sampleStart(contender, threads))
    return { firstMs, laterMs: median(laterMs) }
  },
}

async function sampleStart(contender: string, threads: number): Promise<number> {
  const begun = performance.now()
  const pool = await start(contender, threads)
  await pool.run(1)
  const ms = performance.now() - begun
  await pool.close()
  return ms
}
