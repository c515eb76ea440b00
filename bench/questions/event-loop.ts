import { type Contender, casesOf, POOLS, start } from '../contenders/index.js'
import type { Column, Question } from '../question.js'
import { withUnit } from '../report/format.js'
import { warmUp } from '../sample.js'
import { ascending, quantile } from '../statistics.js'

const TIMER_MS = 5
const TIMER_STEP_MS = 1
const LOADS = [
  { key: 'single', head: 'single', size: 1 },
  { key: 'flood1000', head: '1,000', size: 1_000 },
  { key: 'flood20000', head: '20,000', size: 20_000 },
]

export const eventLoop: Question = {
  name: 'event-loop',
  title: "The host's event loop",
  asks: 'How late is the timer of an application that calls without a pause?',
  how:
    `A timer of ${TIMER_MS} ms is set again and again while calls are awaited, one by one or in floods; its lateness is what ` +
    'any socket of the application would wait. A plain timer: what is measured is what happens beside the calls.',
  cases: [...casesOf(POOLS, [1]), { name: 'node', contender: 'node', threads: 0, label: 'Node without calls' }],
  columns: LOADS.flatMap(({ key, head }): Column[] => [
    { key: `${key}P50Ms`, head: `${head}: p50`, unit: 'ms', better: 'less', noise: TIMER_STEP_MS },
    { key: `${key}P99Ms`, head: `${head}: p99`, unit: 'ms', better: 'less', noise: TIMER_STEP_MS },
  ]),
  main: 'flood1000P50Ms',
  mostRepeats: 3,
  targets: LOADS.slice(0, 2).map(({ key, head, size }) => ({
    what: `lateness beside ${size === 1 ? 'single calls' : `floods of ${head}`}, p50`,
    unit: 'ms' as const,
    atMost: 3,
    reached: (reading) => reading.repeats('makeparallel-1', `${key}P50Ms`),
  })),
  means: (reading) =>
    `Beside floods of a thousand calls a timer is ${withUnit(reading.median('makeparallel-1', 'flood1000P50Ms'), 'ms')} late ` +
    `(${withUnit(reading.median('node', 'flood1000P50Ms'), 'ms')} without any call): calls do not starve the application. A flood of ` +
    'twenty thousand keeps the thread for as long as it takes to make and to settle that many promises.',
  async measure({ contender, threads }, effort) {
    const pool = threads === 0 ? undefined : await start(contender, threads)
    if (pool !== undefined) await warmUp(pool.run, 600 * effort)
    const figures: Record<string, number> = {}
    for (const { key, size } of LOADS) {
      const ms = await sampleLateness(pool?.run, size, 1_000 * effort)
      figures[`${key}P50Ms`] = quantile(ms, 0.5)
      figures[`${key}P99Ms`] = quantile(ms, 0.99)
    }
    await pool?.close()
    return figures
  },
}

/** Ascending, ms past the time that the timer was set to. */
async function sampleLateness(
  run: Contender['run'] | undefined,
  size: number,
  budgetMs: number,
): Promise<Float64Array> {
  const late: number[] = []
  let ended = false
  const timers = new Promise<void>((resolve) => {
    const set = (): void => {
      const due = performance.now() + TIMER_MS
      setTimeout(() => {
        late.push(Math.max(0, performance.now() - due)) // timers count whole milliseconds
        if (ended) resolve()
        else set()
      }, TIMER_MS)
    }
    set()
  })
  for (const end = performance.now() + budgetMs; performance.now() < end; ) {
    if (run === undefined) await new Promise((resolve) => setTimeout(resolve, budgetMs))
    else if (size === 1) await run(1)
    else await Promise.all(Array.from({ length: size }, (_, i) => run(i)))
  }
  ended = true
  await timers
  return ascending(late)
}
