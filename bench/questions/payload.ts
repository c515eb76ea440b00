import type { Bytes, Contender } from '../contenders/contender.js'
import { labelOf, OURS, start } from '../contenders/index.js'
import type { Case, Column, Figures, Question } from '../question.js'
import { figure, times, withUnit } from '../report/format.js'
import { middle } from '../report/reading.js'
import { ascending, quantile } from '../statistics.js'

const KiB = 1024
const MiB = KiB * KiB
const SIZES = [
  { bytes: 8, key: '8B', head: '8 B' },
  { bytes: KiB, key: '1KiB', head: '1 KiB' },
  { bytes: 16 * KiB, key: '16KiB', head: '16 KiB' },
  { bytes: 256 * KiB, key: '256KiB', head: '256 KiB' },
  { bytes: 4 * MiB, key: '4MiB', head: '4 MiB' },
  { bytes: 64 * MiB, key: '64MiB', head: '64 MiB' },
]
const RECORD_BYTES = 64
const LEAST = 3
const WARM_UP_BYTES = 64 * MiB // the large ones warm themselves
const FIRST_WARM_UP_MS = 1_500 // all sizes in turn, so that the code is compiled for all before the first is timed

interface Kind {
  readonly make: (bytes: number) => unknown
  readonly sizeOf: (value: never) => number
  readonly most: number
}

/** A group of the table each. */
const KINDS: Readonly<Record<string, Kind>> = {
  objects: { make: makeRecords, sizeOf: (records: unknown[]) => records.length, most: 4 * MiB }, // more is a matter of the heap
  strings: { make: makeText, sizeOf: (text: string) => text.length, most: 64 * MiB },
  'typed arrays': {
    make: (bytes) => new Uint8Array(bytes),
    sizeOf: (array: Uint8Array) => array.byteLength,
    most: 64 * MiB,
  },
  'shared typed arrays': {
    make: (bytes) => new Uint8Array(new SharedArrayBuffer(bytes)),
    sizeOf: (array: Uint8Array) => array.byteLength,
    most: 64 * MiB,
  },
  'moved typed arrays': {
    make: (bytes) => new Uint8Array(bytes),
    sizeOf: (array: Uint8Array) => array.byteLength,
    most: 64 * MiB,
  },
}
const CONTENDERS = [OURS, 'piscina', 'tinypool', 'post-message']
const CLONE = 'structured-clone'
const SHARED = 'shared typed arrays'
const MOVED = 'moved typed arrays'

const nameOf = (contender: string, kind: string): string => `${contender}-${kind.replaceAll(' ', '-')}`

export const payload: Question = {
  name: 'payload',
  title: 'Payloads',
  asks: 'What does a value cost there and back, by its kind and size?',
  how:
    '`await pass(value)`, which returns what it is given, one call at a time with one worker; the median of as many as fit ' +
    'into 0.1 s, at least three, after 1.5 s in which all sizes up to 16 KiB were passed in turn (what the first thousand calls of a process cost is in `cold`). What is moved goes there and comes back, the same memory all the time. Objects are lists of records of 64 bytes as JSON. structuredClone alone is one copy on one ' +
    'thread, where a call needs two. A plain loop: sizes differ by a factor of eight million, and so do the times.',
  cases: Object.keys(KINDS).flatMap((kind): Case[] => {
    const others =
      kind === SHARED || kind === MOVED ? [] : [{ contender: CLONE, label: 'structuredClone alone', threads: 0 }]
    return [...CONTENDERS.map((contender) => ({ contender, label: labelOf(contender), threads: 1 })), ...others].map(
      ({ contender, label, threads }) => ({
        name: nameOf(contender, kind),
        contender,
        threads,
        label: `${kind}: ${label}`,
        group: kind,
      }),
    )
  }),
  columns: SIZES.map(({ key, head }): Column => ({ key: `of${key}Us`, head, unit: 'µs', better: 'less' })),
  main: 'of1KiBUs',
  mostRepeats: 3,
  targets: [],
  means: (reading) => {
    const ours = (kind: string, key: string): string => withUnit(reading.median(nameOf(OURS, kind), key), 'µs')
    const faster = middle(
      reading.ratio([nameOf('piscina', 'objects'), 'of1KiBUs'], [nameOf(OURS, 'objects'), 'of1KiBUs']),
    )
    return (
      `An object of a kilobyte costs ${ours('objects', 'of1KiBUs')} there and back, and with Piscina ${times(faster)} that; a typed ` +
      `array of 4 MiB costs ${ours('typed arrays', 'of4MiBUs')}, and ${ours(SHARED, 'of4MiBUs')} on a SharedArrayBuffer: what is ` +
      `large and used by many threads belongs there.`
    )
  },
  async measure({ contender, group = '' }, effort) {
    const kind = KINDS[group]!
    if (contender === CLONE) return sampleSizes(kind, async (value) => structuredClone(value), effort)
    const pool = await start(contender, 1)
    const pass = group === MOVED ? passOnce(pool) : (value: unknown) => pool.call('pass', value)
    const figures = await sampleSizes(kind, pass, effort)
    await pool.close()
    return figures
  },
}

/** Each call passes on what the last one with the same value gave back: the same memory all the time. */
function passOnce({ moveThrough }: Contender): (value: unknown) => Promise<unknown> {
  const given = new Map<unknown, Bytes>()
  return async (value) => {
    const bytes = await moveThrough!(given.get(value) ?? (value as Bytes))
    given.set(value, bytes)
    return bytes
  }
}

async function sampleSizes(
  { make, sizeOf, most }: Kind,
  pass: (value: unknown) => PromiseLike<unknown>,
  effort: number,
): Promise<Figures> {
  const figures: Record<string, number> = {}
  const small = SIZES.filter(({ bytes }) => bytes <= 16 * KiB).map(({ bytes }) => make(bytes))
  for (const end = performance.now() + FIRST_WARM_UP_MS * effort; performance.now() < end; ) {
    for (const value of small) await sample(() => pass(value), FIRST_WARM_UP_MS * effort * 0.02)
  }
  for (const { bytes, key } of SIZES) {
    if (bytes > most) continue
    const value = make(bytes)
    const made = sizeOf(value as never)
    if (bytes < WARM_UP_BYTES) await sample(() => pass(value), 60 * effort)
    figures[`of${key}Us`] = await sample(() => pass(value), 100 * effort)
    const size = sizeOf((await pass(value)) as never)
    if (size !== made) throw new Error(`${figure(bytes)} bytes came back as ${size}`)
  }
  return figures
}

/** Median µs. */
async function sample(call: () => PromiseLike<unknown>, budgetMs: number): Promise<number> {
  const us: number[] = []
  for (const end = performance.now() + budgetMs; us.length < LEAST || performance.now() < end; ) {
    const begun = performance.now()
    await call()
    us.push((performance.now() - begun) * 1000)
  }
  return quantile(ascending(us), 0.5)
}

function makeRecords(bytes: number): unknown {
  if (bytes < RECORD_BYTES) return [1]
  return Array.from({ length: bytes / RECORD_BYTES }, (_, i) => ({
    id: 1_000_000 + i,
    name: `name ${i % 10}`,
    at: { x: i % 100, y: 0.5 },
    tags: ['a', 'b'],
  }))
}

/** Flat, as text that was read from somewhere; `repeat` would give a rope. */
function makeText(bytes: number): string {
  return Buffer.alloc(bytes, 'makeparallel ').toString('latin1')
}
