import { setTimeout as sleep } from 'node:timers/promises'
import { type Contender, casesOf, POOLS, start } from '../contenders/index.js'
import type { Figures, Question } from '../question.js'
import { figure, withUnit } from '../report/format.js'
import { median } from '../statistics.js'

const NEIGHBOURS = 100
const PATIENCE_MS = 1_000
const ROUNDS = 2

export const crash: Question = {
  name: 'crash',
  title: 'A worker dies',
  asks: 'A task calls `process.exit()`: when does its caller hear of it, what becomes of the calls behind it, when does the pool work again?',
  how:
    `One worker, hot; the fatal call, and ${NEIGHBOURS} harmless ones right behind it. Until the fatal one has rejected; the share of the ` +
    `others that still gave their value; until a call that was made after the death has its value. ${PATIENCE_MS / 1000} s without an answer ` +
    'count as never (–). A pool for each round; bare postMessage has nobody who would notice. Plain code.',
  cases: casesOf(
    POOLS.filter((name) => name !== 'post-message'),
    [1],
  ),
  columns: [
    { key: 'lostMs', head: 'lost call rejected', unit: 'ms', better: 'less', noise: 1 },
    { key: 'neighboursPercent', head: 'calls behind it that ran', unit: '%', better: 'more', noise: 1 },
    { key: 'againMs', head: 'works again', unit: 'ms', better: 'less' },
  ],
  main: 'againMs',
  mostRepeats: 2,
  targets: [],
  means: (reading) =>
    `The caller knows after ${withUnit(reading.median('makeparallel-1', 'lostMs'), 'ms')}, ` +
    `${figure(reading.median('makeparallel-1', 'neighboursPercent'))} % of what waited behind still runs, and after ` +
    `${withUnit(reading.median('makeparallel-1', 'againMs'), 'ms')}, the start of a thread, the pool works as before.`,
  async measure({ contender, threads }, effort) {
    process.on('uncaughtException', () => {}) // a pool may also throw the death at nobody in particular
    const rounds: Figures[] = []
    for (let i = 0; i < Math.ceil(ROUNDS * effort); i++) rounds.push(await killOnce(await start(contender, threads)))
    const middle = (key: string): number => median(rounds.map((round) => round[key] ?? Number.NaN))
    return {
      lostMs: middle('lostMs'),
      neighboursPercent: middle('neighboursPercent'),
      againMs: middle('againMs'),
    }
  },
}

async function killOnce(pool: Contender): Promise<Figures> {
  await pool.run(1)
  const begun = performance.now()
  const since = (): number => performance.now() - begun
  const fatal = settles(pool.call('exit', 1))
  const neighbours = Array.from({ length: NEIGHBOURS }, (_, i) => settles(pool.run(i)))
  const lostMs = (await within(fatal)) === 'rejected' ? since() : Number.NaN
  let againMs = Number.NaN
  while (Number.isNaN(againMs) && since() < 2 * PATIENCE_MS) {
    if ((await within(settles(pool.run(1)))) === 'fulfilled') againMs = since()
    else await sleep(1)
  }
  const outcomes = await Promise.all(neighbours.map(within))
  await Promise.race([pool.close(), sleep(PATIENCE_MS)]).catch(() => {})
  const ran = outcomes.filter((outcome) => outcome === 'fulfilled').length
  return { lostMs, neighboursPercent: (100 * ran) / NEIGHBOURS, againMs }
}

type Outcome = 'fulfilled' | 'rejected' | 'never'

const settles = (call: PromiseLike<unknown>): Promise<Outcome> =>
  Promise.resolve(call).then(
    () => 'fulfilled',
    () => 'rejected',
  )

const within = (outcome: Promise<Outcome>): Promise<Outcome> =>
  Promise.race([outcome, sleep<Outcome>(PATIENCE_MS, 'never', { ref: true })])
