// What the decoder is fed: any bytes, and encodings that were tampered with. Whatever they are, the end is a value or a
// PayloadError, soon, with no more memory than the bytes are worth, and with every prototype as it was.
import * as fc from 'fast-check'
import { PayloadError } from '../../lib/errors.js'
import { snapshotFailure } from '../../lib/workers/codec/failures.js'
import { at, readPayload, snapshot } from '../../lib/workers/codec/payload.js'
import { Memory } from '../../lib/workers/memory.js'
import { anyCloneable, anyFailure, longTexts } from '../../test/support/arbitrary-values.js'

/** A payload: its head's length is made to fit, or most bytes would end there. */
function payload(head: Uint8Array, apart: number, side: number): Uint8Array {
  const start = Math.ceil((8 + head.length) / 8) * 8
  const bytes = new Uint8Array(start + apart)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, side, true)
  view.setUint32(4, head.length, true)
  bytes.set(head, 8)
  return bytes
}

const side = fc.constantFrom(0, 0, 0, 1, 2)
/** Tags and small counts, mostly: random bytes alone get no further than the first value. */
const likelyByte = fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 0, max: 46 }) }, fc.integer({ min: 0, max: 255 }))
const likelyBytes = fc.array(likelyByte, { maxLength: 64 }).map((list) => Uint8Array.from(list))

const random = fc.uint8Array({ maxLength: 80 })
const framed = fc.tuple(likelyBytes, fc.nat(64), side).map(([head, apart, n]) => payload(head, apart, n))
/** Bytes that were encoded: of any value, of one with texts that lie apart from the rest, of what was thrown. */
const encoded = fc.oneof(
  { weight: 3, arbitrary: anyCloneable.map((value) => snapshot(value, 'args', 'task').bytes) },
  fc.tuple(anyCloneable, longTexts).map((value) => snapshot(value, 'args', 'task').bytes),
  anyFailure.map((thrown) => snapshotFailure(thrown, 'task').bytes),
)
const mutated = fc
  .tuple(encoded, fc.array(fc.tuple(fc.nat(), likelyByte), { minLength: 1, maxLength: 6 }), fc.nat(), fc.boolean())
  .map(([whole, changes, cut, isCut]) => {
    const bytes = Uint8Array.from(whole)
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte
    return isCut ? bytes.slice(0, cut % (bytes.length + 1)) : bytes
  })
/** As `mutated`, in the head alone: what lies apart is mostly characters, and any are good. */
const beheaded = fc
  .tuple(encoded, fc.array(fc.tuple(fc.nat(), likelyByte), { minLength: 1, maxLength: 6 }))
  .map(([whole, changes]) => {
    const bytes = Uint8Array.from(whole)
    const head = new DataView(bytes.buffer).getUint32(4, true)
    for (const [at, byte] of changes) bytes[8 + (at % head)] = byte
    return bytes
  })
/** The end of one and the beginning of another. */
const spliced = fc.tuple(encoded, encoded, fc.nat(), fc.nat(), fc.nat(64)).map(([first, second, i, j, apart]) => {
  const head = [...first.subarray(8, 8 + (i % first.length)), ...second.subarray(8 + (j % second.length))]
  return payload(Uint8Array.from(head), apart, 0)
})

export const anyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(random, framed, mutated, beheaded, spliced)

const prototypes = [Object, Array, Map, Set, Error, Date, RegExp, ArrayBuffer, Uint8Array].map((type) => type.prototype)
const shapes = prototypes.map(shapeOf)

function shapeOf(prototype: object): string {
  return Reflect.ownKeys(prototype).map(String).join()
}

/** In shared memory, with other bytes before and after. */
const sharedMemory = new SharedArrayBuffer(1 << 20)
const SIDES: readonly unknown[] = [new SharedArrayBuffer(8)]

const SHARED: readonly unknown[] = [new SharedArrayBuffer(8), new Uint8Array(new SharedArrayBuffer(8)), {}]
const SOURCES = {
  side: (message: number): unknown => (message === 1 ? SIDES : message === 2 ? 'no list' : undefined),
  shared: (index: number): unknown => at(SHARED as readonly object[], index),
  moved: (index: number): unknown => at([new ArrayBuffer(8)], index),
}

/** @throws Error that says what the decoder has done wrong */
export function judge(bytes: Uint8Array): void {
  const all = new Uint8Array(sharedMemory)
  all.fill(0xaa, 0, bytes.length + 128)
  all.set(bytes, 64)
  const memory = new Memory(sharedMemory, 0, sharedMemory.byteLength)
  const started = process.cpuUsage()
  const held = process.memoryUsage().arrayBuffers
  try {
    readPayload(memory, 64, bytes.length, SOURCES)
  } catch (error) {
    if (!(error instanceof PayloadError)) throw new Error('something else than a PayloadError', { cause: error })
  }
  const { user } = process.cpuUsage(started)
  if (user > MOST_CPU_US) throw new Error(`it took ${user} µs of this thread`)
  const more = process.memoryUsage().arrayBuffers - held
  if (more > MOST_BYTES) throw new Error(`it took ${more} bytes`)
  prototypes.forEach((prototype, i) => {
    if (shapeOf(prototype) !== shapes[i]) throw new Error(`a prototype has changed: ${shapeOf(prototype)}`)
  })
}

/** For at most a few hundred bytes, on a machine that does other things too. */
const MOST_CPU_US = 2_000_000
const MOST_BYTES = 1 << 20
