import { setTimeout as sleep } from 'node:timers/promises'
import { type Contender, casesOf, PAIRED, POOLS, start } from '../contenders/index.js'
import type { Question } from '../question.js'
import { figure, withUnit } from '../report/format.js'
import { sampleBatches } from '../sample.js'
import { median } from '../statistics.js'

const SETTLE_MS = 500
const WINDOW_MS = 1_500
const TICK_MS = 20
const WAKES = 40
const WAKE_GAP_MS = 20 // past any spinning

export const idle: Question = {
  name: 'idle',
  title: 'An idle pool',
  asks: 'What does a pool cost that has nothing to do, do its workers live, and what does the call cost that wakes it?',
  how:
    `\`process.cpuUsage()\` over ${WINDOW_MS / 1000} s without a call; then a timer of ${TICK_MS} ms in a worker, and the share of its ticks ` +
    `that came while nothing was called; then single calls, ${WAKE_GAP_MS} ms apart. Plain loops: these are no iterations.`,
  cases: [
    ...casesOf(
      POOLS.filter((name) => name !== 'piscina-16'),
      [1],
    ),
    ...casesOf(PAIRED, [2]),
    { name: 'node', contender: 'node', threads: 0, label: 'Node alone' },
  ],
  columns: [
    { key: 'cpuPercent', head: 'CPU of one core', unit: '%', better: 'less', noise: 0.02 },
    { key: 'ticksPercent', head: 'ticks of a timer', unit: '%', better: 'more', noise: 5 },
    { key: 'wakeUs', head: 'call that wakes it', unit: 'µs', better: 'less' },
  ],
  main: 'cpuPercent',
  mostRepeats: 3,
  targets: [
    {
      what: 'CPU of one core, 1 idle worker',
      unit: '%',
      atMost: 0.1,
      reached: (reading) => reading.repeats('makeparallel-1', 'cpuPercent'),
    },
    {
      what: 'CPU of one core, 2 idle workers',
      unit: '%',
      atMost: 0.1,
      reached: (reading) => reading.repeats('makeparallel-2', 'cpuPercent'),
    },
    {
      what: 'ticks of a timer in an idle worker',
      unit: '%',
      atLeast: 90,
      reached: (reading) => reading.repeats('makeparallel-1', 'ticksPercent'),
    },
  ],
  means: (reading) =>
    `A pool may be left open: it takes ${figure(reading.median('makeparallel-1', 'cpuPercent'))} % of a core, its timers fire ` +
    `(${figure(reading.median('makeparallel-1', 'ticksPercent'))} % of their ticks; ` +
    `${figure(reading.median('piscina-1', 'ticksPercent'))} % with Piscina as it comes), and the call that wakes it takes ` +
    `${withUnit(reading.median('makeparallel-1', 'wakeUs'), 'µs')}.`,
  async measure({ contender, threads }, effort) {
    if (threads === 0) {
      await sleep(SETTLE_MS)
      return { cpuPercent: await sampleCpu(effort) }
    }
    const pool = await start(contender, threads)
    for (let i = 0; i < 5; i++) await sampleBatches(pool.run, 1_000, 0, 1)
    await sleep(SETTLE_MS)
    const cpuPercent = await sampleCpu(effort)
    const wakeUs = await sampleWakes(pool.run, Math.ceil(WAKES * effort))
    // Of several workers, who knows which one is asked.
    const ticks = threads === 1 ? { ticksPercent: await sampleTicks(pool, effort) } : {}
    await pool.close()
    return { cpuPercent, ...ticks, wakeUs }
  },
}

async function sampleCpu(effort: number): Promise<number> {
  const before = process.cpuUsage()
  const start = performance.now()
  await sleep(WINDOW_MS * effort)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 10 / (performance.now() - start)
}

async function sampleWakes(run: Contender['run'], count: number): Promise<number> {
  const us: number[] = []
  for (let i = 0; i < count; i++) {
    await sleep(WAKE_GAP_MS)
    const start = performance.now()
    await run(i)
    us.push((performance.now() - start) * 1000)
  }
  return median(us)
}

/** Percent of the ticks that a timer in the only worker should have had. */
async function sampleTicks(pool: Contender, effort: number): Promise<number> {
  await pool.call('startTicking', TICK_MS)
  const start = performance.now()
  await sleep(WINDOW_MS * effort)
  const expected = Math.floor((performance.now() - start) / TICK_MS)
  return (100 * (await pool.call('countTicks', 0))) / expected
}
