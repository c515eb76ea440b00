import type { Question } from '../question.js'
import { figure } from '../report/format.js'
import { median } from '../statistics.js'

const SIZES = [10, 1_000, 20_000]
const NS_PER_MS = 1e6

type Settle = (value: number) => void

/** As a handle is (docs/decisions/0002): its prototype's constructor reads Promise, so `await` takes it as it is. */
class Handle extends Promise<number> {
  static {
    Object.defineProperty(Handle.prototype, 'constructor', { value: Promise })
  }
}

/** Calls its callbacks itself, and is no promise. */
class Thenable {
  #settled: Settle | undefined
  then(settled: Settle): void {
    this.#settled = settled
  }
  settle(value: number): void {
    queueMicrotask(() => this.#settled?.(value))
  }
}

/** Each makes one and hands over what settles it. */
const MAKERS: Readonly<
  Record<string, { label: string; make: (give: (settle: Settle) => void) => PromiseLike<number> }>
> = {
  promise: { label: 'a native promise', make: (give) => new Promise<number>(give) },
  handle: { label: 'a subclass, as a handle is', make: (give) => new Handle(give) },
  thenable: {
    label: 'a thenable that calls its callbacks itself',
    make(give) {
      const thenable = new Thenable()
      give((value) => thenable.settle(value))
      return thenable as unknown as PromiseLike<number>
    },
  },
}

export const promises: Question = {
  name: 'promises',
  title: "The host's share",
  asks: 'What do the promises of calls in flight cost by themselves, without any pool, thread or queue?',
  how:
    'A minimal program: make n, pass them to Promise.all, settle them in a later turn of the event loop, await. Any pool that gives a ' +
    'promise for each call pays this on the thread that calls. A plain loop; the median of many rounds, each part timed on its own.',
  cases: Object.entries(MAKERS).map(([name, { label }]) => ({ name, contender: 'node', threads: 0, label })),
  columns: [
    { key: 'makeNs', head: 'made, 1,000', unit: 'ns' },
    { key: 'allNs', head: 'Promise.all', unit: 'ns' },
    { key: 'settleNs', head: 'settled and awaited', unit: 'ns' },
    ...SIZES.map((size) => ({
      key: `in${size}Ns`,
      head: `all of it, ${size.toLocaleString('en')}`,
      unit: 'ns' as const,
    })),
  ],
  main: 'in1000Ns',
  targets: [],
  means: (reading) =>
    `Of the 250 ns that we would like a flooded call to cost, its promise alone takes ${figure(reading.median('handle', 'in1000Ns'))} ns as a ` +
    `handle and ${figure(reading.median('promise', 'in1000Ns'))} ns as a bare promise: that is paid before the first word is shared, on the ` +
    'one thread that calls.',
  async measure({ name }, effort) {
    const { make } = MAKERS[name]!
    const figures: Record<string, number> = {}
    for (const size of SIZES) {
      const rounds = await sampleRounds(make, size, 400 * effort)
      const each = (part: (round: Round) => number): number => (median(rounds.map(part)) * NS_PER_MS) / size
      figures[`in${size}Ns`] = each(({ makeMs, allMs, settleMs }) => makeMs + allMs + settleMs)
      if (size !== 1_000) continue
      figures.makeNs = each(({ makeMs }) => makeMs)
      figures.allNs = each(({ allMs }) => allMs)
      figures.settleNs = each(({ settleMs }) => settleMs)
    }
    return figures
  },
}

interface Round {
  readonly makeMs: number
  readonly allMs: number
  readonly settleMs: number
}

async function sampleRounds(
  make: (give: (settle: Settle) => void) => PromiseLike<number>,
  size: number,
  budgetMs: number,
): Promise<Round[]> {
  const rounds: Round[] = []
  const settlers = new Array<Settle>(size)
  const handles = new Array<PromiseLike<number>>(size)
  const warm = performance.now() + budgetMs / 2
  for (const end = warm + budgetMs; rounds.length < 3 || performance.now() < end; ) {
    const begun = performance.now()
    for (let i = 0; i < size; i++) {
      handles[i] = make((settle) => {
        settlers[i] = settle
      })
    }
    const made = performance.now()
    const all = Promise.all(handles)
    const asked = performance.now()
    await new Promise((resolve) => setImmediate(resolve))
    const later = performance.now()
    for (let i = 0; i < size; i++) settlers[i]!(i)
    await all
    const ended = performance.now()
    if (ended > warm) rounds.push({ makeMs: made - begun, allMs: asked - made, settleMs: ended - later })
  }
  return rounds
}
