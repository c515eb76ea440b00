import { Bench } from 'tinybench'
import type { Question } from '../question.js'
import { figure } from '../report/format.js'

const BATCH = 10_000
const NS_PER_MS = 1e6
const words = new Int32Array(new SharedArrayBuffer(256))
let sink = 0

/** Each does its thing `BATCH` times. */
const OPERATIONS: Readonly<Record<string, { label: string; run: () => void | Promise<void> }>> = {
  load: { label: 'Atomics.load', run: () => repeat(() => (sink += Atomics.load(words, 0))) },
  store: { label: 'Atomics.store', run: () => repeat((i) => Atomics.store(words, 0, i)) },
  swap: { label: 'Atomics.compareExchange', run: () => repeat((i) => Atomics.compareExchange(words, 0, i, i + 1)) },
  notify: { label: 'Atomics.notify, nobody waits', run: () => repeat(() => Atomics.notify(words, 0, 1)) },
  clock: { label: 'performance.now', run: () => repeat(() => (sink += performance.now())) },
  dropped: {
    label: 'a promise that is settled, and that nobody awaits',
    run: () =>
      repeat((i) => {
        let settle: (value: number) => void
        const promise = new Promise<number>((resolve) => (settle = resolve))
        settle!(i)
        return promise
      }),
  },
  child: { label: 'the words of a child: spawned, popped, claimed, done, freed', run: () => repeat(childWords) },
  promise: {
    label: 'a promise, awaited',
    async run() {
      for (let i = 0; i < BATCH; i++) sink += await new Promise<number>((resolve) => resolve(i))
    },
  },
  turn: {
    label: 'a turn of the event loop (setImmediate)',
    async run() {
      for (let i = 0; i < BATCH; i++) await new Promise((resolve) => setImmediate(resolve))
    },
  },
}

const [SLOT, BOTTOM, TOP, PLACE, ARGUMENT, FREE, QUEUED, RUNNING, DONE] = [0, 16, 32, 48, 49, 0, 1, 2, 3]

/** What a child must say in shared memory, if nothing else were to be done: the owner's push and pop, and its slot's states. */
function childWords(i: number): void {
  words[ARGUMENT] = i
  Atomics.store(words, SLOT, QUEUED)
  words[PLACE] = i
  Atomics.store(words, BOTTOM, 1)
  Atomics.store(words, BOTTOM, 0)
  sink += Atomics.load(words, TOP)
  Atomics.compareExchange(words, SLOT, QUEUED, RUNNING)
  Atomics.store(words, SLOT, DONE)
  sink += words[ARGUMENT]!
  Atomics.store(words, SLOT, FREE)
}

function repeat(operation: (i: number) => unknown): void {
  for (let i = 0; i < BATCH; i++) operation(i)
}

export const costs: Question = {
  name: 'costs',
  title: 'What the parts cost',
  asks: 'What does this machine take for the operations that a call consists of?',
  how:
    'tinybench, one thread. An operation takes less than the reading of the clock, so an iteration is a batch of ' +
    `${BATCH.toLocaleString('en')} that reports the time of one.`,
  cases: Object.entries(OPERATIONS).map(([name, { label }]) => ({ name, contender: 'node', threads: 0, label })),
  columns: [
    { key: 'p50Ns', head: 'p50', unit: 'ns' },
    { key: 'p99Ns', head: 'p99', unit: 'ns' },
  ],
  main: 'p50Ns',
  targets: [],
  means: (reading) =>
    `An atomic write takes ${figure(reading.median('store', 'p50Ns'))} ns and a turn of the event loop ` +
    `${figure(reading.median('turn', 'p50Ns') / 1000)} µs: what is fast about a call is what it does not do.`,
  async measure({ name }, effort) {
    const { run } = OPERATIONS[name]!
    const bench = new Bench({ time: 400 * effort, warmupTime: 200 * effort, iterations: 8, throws: true })
    bench.add(name, async () => {
      const start = bench.now()
      await run()
      const spent = bench.now() - start
      return { overriddenDuration: spent / BATCH, overriddenIterationCost: spent }
    })
    const [task] = await bench.run()
    if (task?.result.state !== 'completed') throw new Error(`tinybench: ${task?.result.state}`)
    const { p50, p99 } = task.result.latency
    return { p50Ns: p50 * NS_PER_MS, p99Ns: p99 * NS_PER_MS }
  },
}
