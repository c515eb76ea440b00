import { labelOf, OURS, start } from '../contenders/index.js'
import type { Question, Target } from '../question.js'
import { times, withUnit } from '../report/format.js'
import { middle } from '../report/reading.js'
import { ascending, quantile } from '../statistics.js'

const SIZES = [100, 1_000]
const CLONE = 'structured-clone'
const CONTENDERS = [OURS, 'piscina', 'tinypool', 'post-message']
const WARM_UP_BATCHES = 2
const LEAST_BATCHES = 3
const keyOf = (size: number): string => `in${size}Us`

type Pass = (value: unknown) => unknown

const perTask = (size: number): Target => ({
  what: `${size.toLocaleString('en')} at once, each there and back`,
  unit: 'µs',
  atMost: 3,
  reached: (reading) => reading.repeats(OURS, keyOf(size)),
})

export const smallObjects: Question = {
  name: 'small-objects',
  title: 'Small objects in a batch',
  asks: 'What does a task cost that is given a small object and returns one, when many are under way at once?',
  how:
    'The time of a whole batch of `pass({ a, b, c: [5], d: { e, f, g } })`, `g` 200 characters and each object another one, with one ' +
    'worker: from the first call to the last value, divided by its calls; the median of many batches. structuredClone alone is ' +
    'two copies of each on one thread, one for each way. A plain loop: tinybench times single iterations.',
  cases: [
    ...CONTENDERS.map((contender) => ({ name: contender, contender, threads: 1, label: labelOf(contender) })),
    { name: CLONE, contender: CLONE, threads: 0, label: 'structuredClone alone, twice' },
  ],
  columns: SIZES.map((size) => ({
    key: keyOf(size),
    head: `${size.toLocaleString('en')} at once`,
    unit: 'µs',
    better: 'less',
  })),
  main: keyOf(1_000),
  targets: SIZES.map(perTask),
  means: (reading) => {
    const [each, hundred] = [reading.median(OURS, keyOf(1_000)), reading.median(OURS, keyOf(100))]
    const faster = middle(reading.ratio(['piscina', keyOf(1_000)], [OURS, keyOf(1_000)]))
    return (
      `A small object costs ${withUnit(each, 'µs')} there and back, the call included, when a thousand are under way, ` +
      `${withUnit(hundred, 'µs')} when a hundred are; with Piscina ${times(faster)} as much.`
    )
  },
  async measure({ contender }, effort) {
    if (contender === CLONE) return sampleSizes((value) => structuredClone(structuredClone(value)), effort)
    const pool = await start(contender, 1)
    const figures = await sampleSizes((value) => pool.call('pass', value), effort)
    await pool.close()
    return figures
  },
}

async function sampleSizes(pass: Pass, effort: number): Promise<Record<string, number>> {
  const figures: Record<string, number> = {}
  await sample(pass, 1_000, 600 * effort) // until the compilers of both threads have seen all
  for (const size of SIZES) figures[keyOf(size)] = await sample(pass, size, 500 * effort)
  return figures
}

/** Median µs per call. */
async function sample(pass: Pass, size: number, budgetMs: number): Promise<number> {
  const objects = Array.from({ length: size }, (_, i) => makeObject(i))
  const results = new Array<unknown>(size)
  const us: number[] = []
  const end = performance.now() + budgetMs
  for (let batch = -WARM_UP_BATCHES; batch < LEAST_BATCHES || performance.now() < end; batch++) {
    const begun = performance.now()
    for (let i = 0; i < size; i++) results[i] = pass(objects[i])
    const values = (await Promise.all(results)) as { a: number }[]
    const spentUs = (performance.now() - begun) * 1000
    if (batch >= 0) us.push(spentUs / size)
    if (values[size - 1]!.a !== size - 1) throw new Error(`object ${size - 1} came back as ${values[size - 1]!.a}`)
  }
  return quantile(ascending(us), 0.5)
}

function makeObject(i: number): unknown {
  return { a: i, b: 'two', c: [5], d: { e: 1.5, f: true, g: `${i} `.padEnd(200, 'x') } }
}
