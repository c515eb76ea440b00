import { casesOf, OURS } from '../contenders/index.js'
import type { Question } from '../question.js'
import { withUnit } from '../report/format.js'
import { ascending, quantile } from '../statistics.js'

const SEARCHING_PAUSE_MS = 0.02 // the other worker polls for 50 µs
const PARKED_PAUSE_MS = 2
const QUARTILES = { p50: 0.5, p90: 0.9, p99: 0.99 }

export const steal: Question = {
  name: 'steal',
  title: 'Stealing',
  asks: "How long does a child lie in its parent's queue before an idle worker runs it?",
  how:
    'A task spawns a child and does not wait for it; a flag in shared memory says when it has begun on another worker, and its ' +
    'parent polls that flag. The other worker has slept for 2 ms, or has had nothing to do for 20 µs and still polls. A plain ' +
    'loop inside of a task. The other pools have no calls within workers.',
  cases: casesOf([OURS], [2, 4]),
  columns: (['searching', 'parked'] as const).flatMap((regime) =>
    (['p50', 'p90', 'p99'] as const).map((key) => ({
      key: `${regime}${key.toUpperCase()}Us`,
      head: `by one that ${regime === 'parked' ? 'sleeps' : 'polls'}: ${key}`,
      unit: 'µs' as const,
    })),
  ),
  main: 'searchingP50Us',
  targets: [],
  means: (reading) =>
    `A worker that polls takes a child after ${withUnit(reading.median('makeparallel-2', 'searchingP50Us'), 'µs')}, one that sleeps ` +
    `after ${withUnit(reading.median('makeparallel-2', 'parkedP50Us'), 'µs')}: children far shorter than that run where they were spawned.`,
  async measure({ threads }, effort) {
    const { Pool } = await import('../library.js')
    const { stealing } = await import('../tasks/steal.js')
    const pool = new Pool({ threads })
    await pool.ready()
    const { watch } = pool.bind(stealing)
    const words = new Int32Array(new SharedArrayBuffer(128))
    await watch(words, Math.ceil(5_000 * effort), 0)
    const figures: Record<string, number> = {}
    for (const [regime, count, pauseMs] of [
      ['searching', 10_000, SEARCHING_PAUSE_MS],
      ['parked', 300, PARKED_PAUSE_MS],
    ] as const) {
      const us = ascending((await watch(words, Math.ceil(count * effort), pauseMs)).filter(Number.isFinite))
      for (const [key, q] of Object.entries(QUARTILES)) figures[`${regime}${key.toUpperCase()}Us`] = quantile(us, q)
    }
    await pool.close()
    return figures
  },
}
