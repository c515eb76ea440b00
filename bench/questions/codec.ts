import { isDeepStrictEqual } from 'node:util'
import { Bench } from 'tinybench'
import { CODECS, loadCodec, type Pass } from '../codecs/index.js'
import { labelOf, OURS } from '../contenders/index.js'
import type { Figures, Question, Target } from '../question.js'
import { times, withUnit } from '../report/format.js'
import { middle } from '../report/reading.js'

const US_PER_MS = 1000
const MiB = 2 ** 20
const CLONE = 'structured-clone'
const WARM_UP_MS = 600

interface Value {
  readonly key: string
  readonly head: string
  readonly make: () => unknown
  /** Passed so many times between two readings of the clock: one time would be near the reading. */
  readonly batch: number
  /** JSON has no such thing. */
  readonly isBeyondJson?: boolean
}

const SMALL: Value = {
  key: 'smallUs',
  head: 'small object',
  make: () => ({ a: 1, b: 'two', c: [5], d: { e: 1.5, f: true, g: flat('x'.repeat(200)) } }),
  batch: 100,
}
const WORD: Value = { key: 'of10CharsUs', head: '10 characters', make: () => flat('a word, 10'), batch: 100 }
const VALUES: readonly Value[] = [
  { key: 'pairUs', head: '{ x, y }', make: () => ({ x: 1.5, y: -2 }), batch: 100 },
  SMALL,
  WORD,
  { key: 'of1000CharsUs', head: '1,000 characters', make: () => flat('a text. '.repeat(125)), batch: 100 },
  { key: 'integersUs', head: '1,000 integers', make: () => thousand((i) => i * 1_000), batch: 1 },
  { key: 'recordsUs', head: '1,000 objects', make: () => thousand(makeRecord), batch: 1 },
  { key: 'dictionaryUs', head: '1,000 keys', make: () => Object.fromEntries(thousand(makeEntry)), batch: 1 },
  {
    key: 'mapUs',
    head: 'Map of 100',
    make: () => new Map(thousand(makeEntry).slice(0, 100)),
    batch: 10,
    isBeyondJson: true,
  },
  {
    key: 'bytesUs',
    head: '1 MiB of bytes',
    make: () => new Uint8Array(MiB).fill(7),
    batch: 1,
    isBeyondJson: true,
  },
  { key: 'latin1Us', head: '1 MiB of latin1', make: () => flat('un café, '.repeat(MiB / 9)), batch: 1 },
  { key: 'wideUs', head: '1 MiB of wide text', make: () => flat('文字 '.repeat(MiB / 2 / 3)), batch: 1 },
]

export const codec: Question = {
  name: 'codec',
  title: 'Encoding and decoding',
  asks: 'What does it cost to encode a value and to decode it again, on one thread and without workers?',
  how:
    'tinybench, for its warm-up, sampling and percentiles; what is short is passed a hundred times between two readings of the clock. ' +
    'Medians. A process is one codec and passes all values, first in turn, so that its code is compiled for all of them, as in a pool; ' +
    'the same value every time, so tables of keys and short texts find what they keep. The first result of each is compared with its value. Ours ' +
    'are the files of `lib/` and not the bundle, which does not export them, copies into and out of shared memory included. JSON ' +
    'has neither a Map nor bytes. `v8.deserialize` and msgpackr give a view of the bytes they read, and no second copy. 1,000 ' +
    'objects have one shape, 1,000 keys are one object; wide text has two bytes a character.',
  cases: CODECS.map((contender) => ({ name: contender, contender, threads: 0, label: labelOf(contender) })),
  columns: VALUES.map(({ key, head }) => ({ key, head, unit: 'µs', better: 'less' })),
  main: SMALL.key,
  targets: [targetOf(SMALL), targetOf(WORD)],
  means: (reading) => {
    const toClone = (key: string): string => times(middle(reading.ratio([OURS, key], [CLONE, key])))
    const cost = (key: string): string => withUnit(reading.median(OURS, key), 'µs')
    return (
      `A small object costs ${cost(SMALL.key)}, ${toClone(SMALL.key)} as much as with structuredClone; ` +
      `an object of a thousand keys costs ${cost('dictionaryUs')}, ${toClone('dictionaryUs')} as much, and a Map of a hundred ` +
      `${cost('mapUs')}: a dictionary is better a Map.`
    )
  },
  async measure({ contender }, effort) {
    const pass = await loadCodec(contender)
    const values = VALUES.filter(({ isBeyondJson }) => contender !== 'json' || !isBeyondJson)
    return sampleValues(pass, values, effort)
  },
}

function targetOf({ key, head }: Value): Target {
  return {
    what: `${head}, to structuredClone`,
    unit: '×',
    atMost: 1,
    evenCrowded: true,
    reached: (reading) => reading.ratio([OURS, key], [CLONE, key]),
  }
}

/** Median µs of each. */
async function sampleValues(pass: Pass, values: readonly Value[], effort: number): Promise<Figures> {
  const made = values.map(({ key, make, batch }) => ({ key, batch, value: make() }))
  for (const { key, value } of made) if (!isSame(value, pass(value))) throw new Error(`${key} came back changed`)
  for (const end = performance.now() + WARM_UP_MS * effort; performance.now() < end; ) {
    for (const { batch, value } of made) for (let i = 0; i < batch; i++) pass(value)
  }
  const bench = new Bench({ time: 200 * effort, warmupTime: 100 * effort, iterations: 8, throws: true })
  for (const { key, batch, value } of made) {
    bench.add(key, () => {
      const start = bench.now()
      for (let i = 0; i < batch; i++) pass(value)
      const spent = bench.now() - start
      return { overriddenDuration: spent / batch, overriddenIterationCost: spent }
    })
  }
  const figures: Record<string, number> = {}
  for (const { name, result } of await bench.run()) {
    if (result.state !== 'completed') throw new Error(`tinybench: ${result.state}`)
    figures[name] = result.latency.p50 * US_PER_MS
  }
  return figures
}

/** Bytes may come back as a Buffer. */
function isSame(value: unknown, back: unknown): boolean {
  if (value instanceof Uint8Array) return back instanceof Uint8Array && Buffer.compare(value, back) === 0
  return isDeepStrictEqual(value, back)
}

/**
 * In one piece and in the heap: `repeat` gives a rope, and a Buffer keeps a text of a megabyte outside, where a latin1 one that
 * it read as utf16le has two bytes a character.
 */
function flat(text: string): string {
  return JSON.parse(JSON.stringify(text))
}

function thousand<T>(make: (i: number) => T): T[] {
  return Array.from({ length: 1_000 }, (_, i) => make(i))
}

function makeRecord(i: number): unknown {
  return { id: i, name: `name ${i}`, ok: i % 2 === 0 }
}

function makeEntry(i: number): [string, number] {
  return [`key ${i}`, i]
}
