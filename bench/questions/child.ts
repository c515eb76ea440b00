import { casesOf, OURS } from '../contenders/index.js'
import type { Question } from '../question.js'
import { times, withUnit } from '../report/format.js'
import { middle } from '../report/reading.js'
import { ascending, quantile } from '../statistics.js'

const FINE = 25 // a child for every call of fib with n ≥ 2
const FINE_CHILDREN = 121_392
const COARSE = 32 // children for 100 µs of work and more
const COARSE_CUTOFF = 22
const NO_CHILDREN = 99
const NS_PER_MS = 1e6

export const child: Question = {
  name: 'child',
  title: 'Children of a task',
  asks: 'What does it cost to spawn a child in a worker and to wait for it: `const c = fn(x); …; c.get()`?',
  how:
    `fib(${FINE}) by fork and join, a child for every call, less the time of the recursion without children, by the ` +
    `${FINE_CHILDREN.toLocaleString('en')} children; and fib(${COARSE}) with children only for the large branches. Plain loops of single ` +
    'calls: one iteration takes milliseconds. The other pools have no calls within workers.',
  cases: casesOf([OURS], [1, 2]),
  columns: [
    { key: 'childNs', head: 'a child', unit: 'ns' },
    { key: 'fineMs', head: `fib(${FINE}), all children`, unit: 'ms' },
    { key: 'fineSerialMs', head: 'without', unit: 'ms' },
    { key: 'coarseMs', head: `fib(${COARSE}), large children`, unit: 'ms' },
    { key: 'coarseSerialMs', head: 'without children', unit: 'ms' },
    { key: 'speedUp', head: 'speed-up', unit: '×' },
  ],
  main: 'childNs',
  targets: [
    {
      what: 'spawn and join of a child, 1 worker',
      unit: 'ns',
      atMost: 120,
      reached: (reading) => reading.repeats('makeparallel-1', 'childNs'),
    },
  ],
  means: (reading) =>
    `A child costs ${withUnit(reading.median('makeparallel-1', 'childNs'), 'ns')}, as nothing leaves the core unless another ` +
    `worker steals it; divided coarsely, two workers are ${times(middle(reading.repeats('makeparallel-2', 'speedUp')))} as fast as the ` +
    'plain recursion.',
  async measure({ threads }, effort) {
    const { Pool } = await import('../library.js')
    const { tasks } = await import('../tasks/parallel.js')
    const pool = new Pool({ threads })
    await pool.ready()
    const fib = tasks.fib.with({ pool })
    for (const end = performance.now() + 600 * effort; performance.now() < end; ) {
      await fib(20, 2)
      await fib(20, NO_CHILDREN)
    }
    const fineSerialMs = await sample(() => fib(FINE, NO_CHILDREN), 200 * effort)
    const fineMs = await sample(() => fib(FINE, 2), 800 * effort)
    const coarseSerialMs = await sample(() => fib(COARSE, NO_CHILDREN), 500 * effort)
    const coarseMs = await sample(() => fib(COARSE, COARSE_CUTOFF), 500 * effort)
    await pool.close()
    const childNs = ((fineMs - fineSerialMs) * NS_PER_MS) / FINE_CHILDREN
    return { childNs, fineMs, fineSerialMs, coarseMs, coarseSerialMs, speedUp: coarseSerialMs / coarseMs }
  },
}

/** Median ms of `call`, repeated for `budgetMs`, at least 5 times. */
async function sample(call: () => PromiseLike<number>, budgetMs: number): Promise<number> {
  const ms: number[] = []
  for (const end = performance.now() + budgetMs; ms.length < 5 || performance.now() < end; ) {
    const start = performance.now()
    await call()
    ms.push(performance.now() - start)
  }
  return quantile(ascending(ms), 0.5)
}
