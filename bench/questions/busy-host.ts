import { casesOf, POOLS, start } from '../contenders/index.js'
import type { Question } from '../question.js'
import { figure, withUnit } from '../report/format.js'
import { sampleRoundTrips, warmUp } from '../sample.js'
import { median, quantile } from '../statistics.js'
import { sharedNow, work } from '../tasks/functions.js'

const TURN_TURNS = 200_000 // of the host's own work in each turn of its event loop: about 200 µs
const TASKS = 200
const TASK_TURNS = 50_000 // about 50 µs: 10 ms in all
const AWAY_MS = 20

export const busyHost: Question = {
  name: 'busy-host',
  title: 'A host with work of its own',
  asks: 'What if the thread that calls has other things to do: how late are its values, and do the workers go on without it?',
  how:
    'Single calls while each turn of the event loop computes for about 200 µs, as a busy server does, and the share of the time that ' +
    'this work got (Node hands over messages that come in quick succession within one turn: calls then come first). Then 200 tasks of 50 µs, called at ' +
    'once, after which the host computes for 20 ms without a turn: the share of them that had ended by then, by a clock that the ' +
    'threads share. Plain loops: the load beside the calls is the point.',
  cases: casesOf(POOLS, [1]),
  columns: [
    { key: 'busyP50Us', head: 'busy: p50', unit: 'µs', better: 'less' },
    { key: 'busyP90Us', head: 'p90', unit: 'µs', better: 'less' },
    { key: 'busyP99Us', head: 'p99', unit: 'µs', better: 'less' },
    { key: 'hostPercent', head: "the host's own work", unit: '%', better: 'more', noise: 5 },
    { key: 'idleP50Us', head: 'not busy: p50', unit: 'µs', better: 'less' },
    { key: 'awayPercent', head: 'ended while the host was away', unit: '%', better: 'more', noise: 5 },
  ],
  main: 'busyP50Us',
  targets: [],
  means: (reading) =>
    `In a busy thread a value comes after ${withUnit(reading.median('makeparallel-1', 'busyP50Us'), 'µs')}; while it is away for 20 ms, ` +
    `${figure(reading.median('makeparallel-1', 'awayPercent'))} % of the calls made before are done (with Piscina as it comes ` +
    `${figure(reading.median('piscina-1', 'awayPercent'))} %): workers take the next task without asking the host.`,
  async measure({ contender, threads }, effort) {
    const pool = await start(contender, threads)
    await warmUp(pool.run, 500 * effort)
    const idle = await sampleRoundTrips(pool.run, 300 * effort)
    let isBusy = true
    let sum = 0
    let workMs = 0
    const turn = (): void => {
      const begun = performance.now()
      sum += work(TURN_TURNS) // a result that nobody uses would be compiled away
      workMs += performance.now() - begun
      if (isBusy) setImmediate(turn)
    }
    setImmediate(turn)
    const busySince = performance.now()
    const busy = await sampleRoundTrips(pool.run, 800 * effort)
    isBusy = false
    const hostPercent = (100 * workMs) / (performance.now() - busySince)
    if (!Number.isFinite(sum)) throw new Error('the work was not done')
    const shares: number[] = []
    for (let i = 0; i < Math.ceil(15 * effort); i++) {
      const handles = Array.from({ length: TASKS }, () => pool.call('stamp', TASK_TURNS))
      for (const end = performance.now() + AWAY_MS; performance.now() < end; );
      const back = sharedNow()
      const ends: number[] = await Promise.all(handles)
      shares.push((100 * ends.filter((at) => at < back).length) / TASKS)
    }
    await pool.close()
    return {
      busyP50Us: quantile(busy, 0.5),
      busyP90Us: quantile(busy, 0.9),
      busyP99Us: quantile(busy, 0.99),
      hostPercent,
      idleP50Us: quantile(idle, 0.5),
      awayPercent: median(shares),
    }
  },
}
