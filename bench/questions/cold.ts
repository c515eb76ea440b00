import { casesOf, load, POOLS, start } from '../contenders/index.js'
import type { Question } from '../question.js'
import { withUnit } from '../report/format.js'
import { median } from '../statistics.js'

const LATER_STARTS = 5
const NEXT = 1_000

export const cold: Question = {
  name: 'cold',
  title: 'Cold start',
  asks: 'How long until `new Pool()` has given its first result?',
  how:
    'From the construction to the value of the first call, with one thread; the libraries are loaded, as an application ' +
    'has them. Once as the first of the process, then more pools one after another; and the mean of the ' +
    `${NEXT.toLocaleString('en')} calls, one at a time, that follow the first of the process, while V8 still compiles. Plain code: ` +
    'the first time happens once. The last two rows are minimal programs: a bare Worker that answers once, with an empty module, ' +
    'and with the modules that a worker of this library cannot do without.',
  cases: casesOf([...POOLS.filter((name) => name !== 'piscina-16'), 'bare-worker-empty', 'bare-worker-loading'], [1]),
  columns: [
    { key: 'firstMs', head: 'first of the process', unit: 'ms', better: 'less' },
    { key: 'laterMs', head: 'a later pool', unit: 'ms', better: 'less' },
    { key: 'nextUs', head: `the next ${NEXT.toLocaleString('en')} calls, each`, unit: 'µs', better: 'less' },
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
    const first = await sampleStart(contender, threads, NEXT)
    const laterMs: number[] = []
    for (let i = 0; i < LATER_STARTS; i++) laterMs.push((await sampleStart(contender, threads, 0)).ms)
    return { firstMs: first.ms, laterMs: median(laterMs), nextUs: first.nextUs }
  },
}

async function sampleStart(contender: string, threads: number, next: number): Promise<{ ms: number; nextUs: number }> {
  const begun = performance.now()
  const pool = await start(contender, threads)
  await pool.run(1)
  const answered = performance.now()
  for (let i = 0; i < next; i++) await pool.run(i)
  const nextUs = ((performance.now() - answered) * 1000) / next
  await pool.close()
  return { ms: answered - begun, nextUs }
}
