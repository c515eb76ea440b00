import { type Contender, casesOf, kindOf, POOLS, start } from '../contenders/index.js'
import type { Question } from '../question.js'
import { figure, times } from '../report/format.js'
import { middle } from '../report/reading.js'
import { sampleBatches, warmUp } from '../sample.js'
import { quantile } from '../statistics.js'

const SIZES = [1_000, 10_000, 100_000, 1_000_000]
const MOST_FOR_PEERS = 100_000 // a million takes them the better part of a minute
const HEAP_SIZE = 100_000
const keyOf = (size: number): string => `in${size}Us`

export const growth: Question = {
  name: 'growth',
  title: 'Growth',
  asks: 'Does a call cost the same when a million are queued, and how much heap does one hold?',
  how:
    'Batches as in `in-flight`, up to a million; the heap after a forced collection, before and after 100,000 calls, ' +
    'without the array that the benchmark keeps them in. A plain loop: a batch of a million is no iteration for tinybench.',
  cases: casesOf([...POOLS, 'bare-promises'], [1]),
  columns: [
    ...SIZES.map((size) => ({
      key: keyOf(size),
      head: size.toLocaleString('en'),
      unit: 'µs' as const,
      better: 'less' as const,
    })),
    { key: 'heapBytes', head: 'heap of one', unit: 'B', better: 'less' },
  ],
  main: keyOf(100_000),
  mostRepeats: 2,
  targets: [
    {
      what: 'a task among 1,000,000, to one among 100,000',
      unit: '×',
      atMost: 1.5,
      reached: (reading) => reading.ratio(['makeparallel-1', keyOf(1_000_000)], ['makeparallel-1', keyOf(100_000)]),
    },
    {
      what: 'heap of a queued task',
      unit: 'B',
      atMost: 250,
      reached: (reading) => reading.repeats('makeparallel-1', 'heapBytes'),
    },
  ],
  means: (reading) => {
    const ofAll = middle(reading.ratio(['makeparallel-1', keyOf(1_000_000)], ['makeparallel-1', keyOf(10_000)]))
    const promises = middle(reading.ratio(['bare-promises', keyOf(1_000_000)], ['bare-promises', keyOf(10_000)]))
    return (
      `A million calls may simply be made: one of them costs ${times(ofAll)} one of ten thousand (with promises alone it is ` +
      `${times(promises)}, from the garbage collector) and holds ${figure(reading.median('makeparallel-1', 'heapBytes'))} bytes.`
    )
  },
  async measure({ contender, threads }, effort) {
    const pool = await start(contender, threads)
    await warmUp(pool.run, 600 * effort)
    const figures: Record<string, number> = {}
    for (const size of SIZES) {
      if (kindOf(contender) === 'peer' && size > MOST_FOR_PEERS) continue
      collectGarbage()
      const us = await sampleBatches(pool.run, size, 300 * effort, size > 10_000 ? 1 : 3)
      figures[keyOf(size)] = quantile(us, 0.5)
    }
    figures.heapBytes = await sampleHeap(pool.run)
    await pool.close()
    return figures
  },
}

async function sampleHeap(run: Contender['run']): Promise<number> {
  const handles = new Array<PromiseLike<number>>(HEAP_SIZE).fill(Promise.resolve(0))
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < HEAP_SIZE; i++) handles[i] = run(i)
  collectGarbage()
  const bytes = (process.memoryUsage().heapUsed - before) / HEAP_SIZE
  await Promise.all(handles)
  return bytes
}

function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('growth needs node --expose-gc')
  globalThis.gc()
}
