import { startDivided } from '../contenders/divided.js'
import { type Contender, casesOf, labelOf, OURS, POOLS, start } from '../contenders/index.js'
import type { Case, Figures, Question } from '../question.js'
import { times } from '../report/format.js'
import { middle } from '../report/reading.js'
import { sampleBatches, sampleRoundTrips, warmUp } from '../sample.js'
import { median, quantile } from '../statistics.js'

const WORK_TURNS = 100_000 // about 100 µs
const WORK_BATCH = 200
const US_PER_S = 1e6

const ROUNDS = 8 // of one worker and two in turn
const ROUND_MS = 60 // for each figure of each

/** Both in one process, by turns: the machine changes its speed within minutes, and then a ratio would be one of two machines. */
const IN_TURN: Case = { name: 'in-turn', contender: OURS, threads: 2, label: `${labelOf(OURS)}, to one worker in turn` }
const DIVIDED: Case = { name: 'divided', contender: 'divided', threads: 2, label: labelOf('divided') }

export const twoWorkers: Question = {
  name: 'two-workers',
  title: 'Two workers on two cores',
  asks: 'What do two workers and the host cost each other where only two cores are, and what do they gain?',
  how:
    'Empty calls, which only the dispatch can slow down, and tasks that compute for about 100 µs. Plain loops, as in ' +
    '`round-trip` and `in-flight`. *In turn* are a pool of one worker and one of two in the same process, measured ' +
    `alternately, ${ROUNDS} times: how many times the one is of the other. *Divided beforehand* is a minimal program, Workers that ` +
    'compute equal shares and never ask for the next task: what the cores themselves allow.',
  cases: [...casesOf(POOLS, [1, 2]), ...casesOf(['serial'], []), IN_TURN, DIVIDED],
  columns: [
    { key: 'roundTripUs', head: 'round trip', unit: 'µs', better: 'less' },
    { key: 'in1000PerS', head: '1,000 at once', unit: '/s', better: 'more' },
    { key: 'in20000PerS', head: '20,000 at once', unit: '/s', better: 'more' },
    { key: 'workPerS', head: 'tasks of 100 µs', unit: '/s', better: 'more' },
    { key: 'roundTripTimes', head: '2 to 1: round trip', unit: '×' },
    { key: 'in1000Times', head: '1,000 at once', unit: '×' },
    { key: 'in20000Times', head: '20,000 at once', unit: '×' },
    { key: 'workTimes', head: 'tasks of 100 µs', unit: '×' },
  ],
  main: 'in1000PerS',
  mostRepeats: 3,
  targets: [
    {
      what: 'throughput of 2 workers to that of 1, 1,000 empty calls at once',
      unit: '×',
      atLeast: 0.8,
      reached: (reading) => reading.repeats(IN_TURN.name, 'in1000Times'),
    },
    {
      what: 'throughput of 2 workers to that of 1, 20,000 empty calls at once',
      unit: '×',
      atLeast: 0.8,
      reached: (reading) => reading.repeats(IN_TURN.name, 'in20000Times'),
    },
    {
      what: 'round trip with 2 workers to that with 1',
      unit: '×',
      atMost: 1.2,
      reached: (reading) => reading.repeats(IN_TURN.name, 'roundTripTimes'),
    },
    {
      what: 'throughput of 2 workers to that of 1, tasks of 100 µs',
      unit: '×',
      atLeast: 1.85,
      reached: (reading) => reading.repeats(IN_TURN.name, 'workTimes'),
    },
  ],
  means: (reading) => {
    const empty = middle(reading.repeats(IN_TURN.name, 'in1000Times'))
    const busy = middle(reading.repeats(IN_TURN.name, 'workTimes'))
    return (
      `With tasks of 100 µs a second worker brings ${times(busy)} the throughput; with empty ones, where it can only be ` +
      `in the way, ${times(empty)}. Work that is divided beforehand gains ${times(reading.median(DIVIDED.name, 'workTimes'))}.`
    )
  },
  async measure({ name, contender, threads }, effort) {
    if (name === IN_TURN.name) return compareInTurn(effort)
    if (name === DIVIDED.name) return compareDivided(effort)
    const pool = await start(contender, threads)
    await warmUp(pool.run, 600 * effort)
    const roundTripUs = quantile(await sampleRoundTrips(pool.run, 500 * effort), 0.5)
    const in1000 = quantile(await sampleBatches(pool.run, 1_000, 500 * effort), 0.5)
    const in20000 = quantile(await sampleBatches(pool.run, 20_000, 500 * effort), 0.5)
    const workUs = await sampleWork((turns) => pool.call('work', turns), 500 * effort)
    await pool.close()
    const perS = (us: number): number => US_PER_S / us
    return { roundTripUs, in1000PerS: perS(in1000), in20000PerS: perS(in20000), workPerS: perS(workUs) }
  },
}

/** µs per task of WORK_TURNS, many at once. */
async function sampleWork(work: (turns: number) => PromiseLike<number>, budgetMs: number): Promise<number> {
  return sampleWorkBatches(() => Promise.all(Array.from({ length: WORK_BATCH }, () => work(WORK_TURNS))), budgetMs)
}

async function sampleWorkBatches(batch: () => Promise<unknown>, budgetMs: number): Promise<number> {
  let batches = 0
  await batch()
  const start = performance.now()
  do {
    await batch()
    batches++
  } while (performance.now() - start < budgetMs)
  return ((performance.now() - start) * 1000) / (batches * WORK_BATCH)
}

async function compareInTurn(effort: number): Promise<Figures> {
  const pools = [await start(OURS, 1), await start(OURS, 2)] as const
  for (const { run } of pools) await warmUp(run, 600 * effort)
  const times: Record<string, number[]> = { roundTripTimes: [], in1000Times: [], in20000Times: [], workTimes: [] }
  for (let round = 0; round < ROUNDS; round++) {
    const one = await sampleAll(pools[0], ROUND_MS * effort)
    const two = await sampleAll(pools[1], ROUND_MS * effort)
    times.roundTripTimes!.push(two.roundTripUs / one.roundTripUs)
    times.in1000Times!.push(one.in1000Us / two.in1000Us)
    times.in20000Times!.push(one.in20000Us / two.in20000Us)
    times.workTimes!.push(one.workUs / two.workUs)
  }
  for (const pool of pools) await pool.close()
  return Object.fromEntries(Object.entries(times).map(([key, values]) => [key, median(values)]))
}

async function sampleAll(pool: Contender, budgetMs: number) {
  return {
    roundTripUs: quantile(await sampleRoundTrips(pool.run, budgetMs), 0.5),
    in1000Us: quantile(await sampleBatches(pool.run, 1_000, budgetMs), 0.5),
    in20000Us: quantile(await sampleBatches(pool.run, 20_000, budgetMs), 0.5),
    workUs: await sampleWork((turns) => pool.call('work', turns), budgetMs),
  }
}

async function compareDivided(effort: number): Promise<Figures> {
  const sides = [await startDivided(1), await startDivided(2)] as const
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const us = []
    for (const { compute } of sides) {
      const batch = async (): Promise<void> => compute(WORK_BATCH, WORK_TURNS)
      us.push(await sampleWorkBatches(batch, ROUND_MS * effort))
    }
    times.push(us[0]! / us[1]!)
  }
  for (const side of sides) await side.close()
  return { workTimes: median(times) }
}
