import { Bench } from 'tinybench'
import { type Contender, casesOf, POOLS, start } from '../contenders/index.js'
import type { Question } from '../question.js'
import { withUnit } from '../report/format.js'
import { warmUp } from '../sample.js'

const SIZES = [10, 1_000]
const NS_PER_MS = 1e6

export const submission: Question = {
  name: 'submission',
  title: 'Submission',
  asks: 'How long does `fn(x)` keep the caller, before it can go on with something else?',
  how:
    'tinybench, with the duration that the benchmark itself reports: a batch of calls is timed, and awaited outside ' +
    'of the time; warm-up, sampling and percentiles are what it is good at.',
  cases: casesOf([...POOLS, 'bare-promises'], [1]),
  columns: SIZES.flatMap((size) => [
    {
      key: `p50Of${size}Ns`,
      head: `p50, ${size.toLocaleString('en')} calls`,
      unit: 'ns' as const,
      better: 'less' as const,
    },
    {
      key: `p99Of${size}Ns`,
      head: `p99, ${size.toLocaleString('en')} calls`,
      unit: 'ns' as const,
      better: 'less' as const,
    },
  ]),
  main: 'p50Of1000Ns',
  targets: [
    {
      what: 'a call in a batch of 1,000',
      unit: 'ns',
      atMost: 200,
      reached: (reading) => reading.repeats('makeparallel-1', 'p50Of1000Ns'),
    },
    {
      what: 'a call in a batch of 10',
      unit: 'ns',
      atMost: 200,
      reached: (reading) => reading.repeats('makeparallel-1', 'p50Of10Ns'),
    },
  ],
  means: (reading) =>
    `Handing a task over takes ${withUnit(reading.median('makeparallel-1', 'p50Of1000Ns'), 'ns')} of the caller's time, ` +
    `and a promise alone ${withUnit(reading.median('bare-promises', 'p50Of1000Ns'), 'ns')}.`,
  async measure({ contender, threads }, effort) {
    const pool = await start(contender, threads)
    await warmUp(pool.run, 600 * effort)
    const figures: Record<string, number> = {}
    for (const size of SIZES) {
      const { p50, p99 } = await sampleSubmissions(pool.run, size, 700 * effort)
      figures[`p50Of${size}Ns`] = p50 * NS_PER_MS
      figures[`p99Of${size}Ns`] = p99 * NS_PER_MS
    }
    await pool.close()
    return figures
  },
}

/** Milliseconds per call. */
async function sampleSubmissions(
  run: Contender['run'],
  size: number,
  budgetMs: number,
): Promise<{ p50: number; p99: number }> {
  const handles = new Array<PromiseLike<number>>(size)
  const bench = new Bench({ time: budgetMs, warmupTime: budgetMs / 4, throws: true })
  bench.add('submit', async () => {
    const start = bench.now()
    for (let i = 0; i < size; i++) handles[i] = run(i)
    const submitted = bench.now()
    await Promise.all(handles)
    return { overriddenDuration: (submitted - start) / size, overriddenIterationCost: bench.now() - start }
  })
  const [task] = await bench.run()
  if (task?.result.state !== 'completed') throw new Error(`tinybench: ${task?.result.state}`)
  return task.result.latency
}
