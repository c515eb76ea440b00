import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { peek, poke } from '#atomics'
import {
  Arena,
  Counters,
  Deque,
  Doorbell,
  FifoRing,
  LAYOUT_VERSION,
  Latch,
  LayoutError,
  LINE_BYTES,
  lines,
  powerOfTwo,
  type Region,
  Slots,
  SpscRing,
} from '../../lib/ring-buffer/index.js'

interface Structure {
  bytes: number
  create: (into?: Region) => Region
  roles: ((region: Region) => unknown)[]
}

const ring = { capacity: 5 }
const slots = { count: 5, wordsPerSlot: 3 }
const structures: Record<string, Structure> = {
  Deque: {
    bytes: Deque.bytesFor(ring),
    create: (into) => Deque.create({ ...ring, into }),
    roles: [Deque.ownerOf, Deque.thiefOf],
  },
  FifoRing: {
    bytes: FifoRing.bytesFor(ring),
    create: (into) => FifoRing.create({ ...ring, into }),
    roles: [FifoRing.producerOf, FifoRing.consumerOf],
  },
  SpscRing: {
    bytes: SpscRing.bytesFor(ring),
    create: (into) => SpscRing.create({ ...ring, into }),
    roles: [SpscRing.producerOf, SpscRing.consumerOf],
  },
  Slots: {
    bytes: Slots.bytesFor(slots),
    create: (into) => Slots.create({ ...slots, into }),
    roles: [Slots.ownerOf, (region) => Slots.claimantOf(region, 1)],
  },
  Arena: {
    bytes: Arena.bytesFor({ bytes: 5000 }),
    create: (into) => Arena.create({ bytes: 5000, into }),
    roles: [Arena.ownerOf, Arena.readerOf, Arena.viewOf],
  },
  Latch: { bytes: Latch.bytesFor({}), create: (into) => Latch.create({ into }), roles: [Latch.of] },
  Doorbell: { bytes: Doorbell.bytesFor({}), create: (into) => Doorbell.create({ into }), roles: [Doorbell.of] },
  Counters: {
    bytes: Counters.bytesFor({ count: 3 }),
    create: (into) => Counters.create({ count: 3, into }),
    roles: [Counters.of],
  },
}
const all = Object.entries(structures)

function wordsOf(region: Region): Int32Array {
  return new Int32Array(region.buffer, region.byteOffset, region.byteLength / 4)
}

function dirty(bytes: number): Region {
  const buffer = new SharedArrayBuffer(bytes)
  new Uint8Array(buffer).fill(0xa5)
  return { buffer, byteOffset: 0, byteLength: bytes }
}

/** Each role of the structure refuses the region. */
function refused(name: string, region: Region, message: RegExp): void {
  for (const role of structures[name]?.roles ?? []) {
    assert.throws(
      () => role(region),
      (error: unknown) => error instanceof LayoutError && message.test(error.message),
      name,
    )
  }
}

test('a region takes the bytes that bytesFor says, in whole lines', () => {
  for (const [name, { bytes, create }] of all) {
    assert.is(create().byteLength, bytes, name)
    assert.is(bytes % LINE_BYTES, 0, name)
  }
})

test('a region in the middle of a buffer touches nothing around it', () => {
  for (const [name, { bytes, create, roles }] of all) {
    const { buffer } = dirty(bytes + 2 * LINE_BYTES)
    const region = create({ buffer, byteOffset: LINE_BYTES, byteLength: bytes + LINE_BYTES })
    assert.equal([region.byteOffset, region.byteLength], [LINE_BYTES, bytes], name)
    for (const role of roles) role(region)
    const around = new Uint8Array(buffer)
    assert.ok(
      around.subarray(0, LINE_BYTES).every((byte) => byte === 0xa5),
      name,
    )
    assert.ok(
      around.subarray(LINE_BYTES + bytes).every((byte) => byte === 0xa5),
      name,
    )
  }
})

test('a region can be cloned, and roles made from the clone', () => {
  for (const [, { create, roles }] of all) for (const role of roles) role(structuredClone(create()))
})

test('another structure is refused', () => {
  for (const [name] of all) {
    for (const [other, { create }] of all) if (other !== name) refused(name, create(), /holds another structure/)
  }
})

test('another version is refused', () => {
  for (const [name, { create }] of all) {
    const region = create()
    poke(wordsOf(region), 1, LAYOUT_VERSION + 1)
    refused(name, region, /another version of the library: expected 1, found 2/)
  }
})

test('a region cut short is refused', () => {
  for (const [name, { bytes, create }] of all) {
    refused(name, { ...create(), byteLength: bytes - 1 }, /too small/)
    refused(name, { ...create(), byteLength: 0 }, /too small/)
    refused(name, { ...create(), byteLength: Number.NaN }, /too small/)
    assert.throws(() => create({ ...dirty(bytes), byteLength: bytes - 4 }), /too small/)
    const shorter = new SharedArrayBuffer(LINE_BYTES)
    new Uint8Array(shorter).set(new Uint8Array(create().buffer, 0, LINE_BYTES))
    refused(name, { buffer: shorter, byteOffset: 0, byteLength: bytes }, /too small/)
  }
})

test('a damaged length in the header is refused', () => {
  for (const [name, { create }] of all) {
    for (const damage of [-LINE_BYTES, 0, 1, LINE_BYTES + 4]) {
      const region = create()
      poke(wordsOf(region), 2, damage)
      refused(name, region, /damaged/)
    }
  }
})

test('a byteOffset that is not on a line is refused', () => {
  for (const [name, { create }] of all) {
    for (const byteOffset of [64, -LINE_BYTES, 0.5, Number.NaN]) {
      refused(name, { ...create(), byteOffset }, /not a multiple of 128/)
      assert.throws(() => create({ ...dirty(1 << 16), byteOffset }), /not a multiple of 128/)
    }
  }
})

test('what is not shared memory is refused', () => {
  for (const [name, { bytes }] of all) {
    const buffer = new ArrayBuffer(bytes) as unknown as SharedArrayBuffer
    refused(name, { buffer, byteOffset: 0, byteLength: bytes }, /needs a SharedArrayBuffer/)
    refused(name, undefined as unknown as Region, /needs a SharedArrayBuffer/)
  }
})

test('a byteLength larger than the structure gives it no more than it takes', () => {
  const region = Counters.create({ count: 3, into: dirty(1 << 12) })
  assert.is(Counters.of({ ...region, byteLength: 1 << 12 }).count, 3)
})

test('a region made in used memory starts empty, and its items are not cleared', () => {
  const deque = Deque.create({ capacity: 64, into: dirty(1 << 12) })
  assert.is(Deque.ownerOf(deque).length, 0)
  assert.is(peek(wordsOf(deque), deque.byteLength / 4 - 1), 0xa5a5a5a5 | 0)
  const arena = Arena.create({ bytes: 1 << 16, into: dirty(1 << 17) })
  assert.ok(Arena.viewOf(arena).every((byte) => byte === 0xa5))
  assert.is(Slots.ownerOf(Slots.create({ ...slots, into: dirty(1 << 12) })).tryAllocate(), 0)
  assert.not(Latch.of(Latch.create({ into: dirty(1 << 12) })).probe())
})

test('memory that is never used is never touched', () => {
  const before = process.memoryUsage.rss()
  const arena = Arena.create({ bytes: 1 << 29 })
  Arena.ownerOf(arena).tryAllocate(100)
  Arena.readerOf(arena)
  const grown = process.memoryUsage.rss() - before
  assert.ok(grown < 1 << 26, `an arena of 512 MiB took ${grown} bytes`)
})

test('capacities become the next power of two', () => {
  const expected = { 1: 1, 2: 2, 3: 4, 4: 4, 5: 8, 1023: 1024, 1024: 1024, 1025: 2048 }
  for (const [value, power] of Object.entries(expected)) assert.is(powerOfTwo(Number(value), 'capacity'), power)
  for (let bit = 2; bit < 28; bit++) {
    assert.is(powerOfTwo(2 ** bit, 'capacity'), 2 ** bit)
    assert.is(powerOfTwo(2 ** bit + 1, 'capacity'), 2 ** (bit + 1))
    assert.is(powerOfTwo(2 ** bit - 1, 'capacity'), 2 ** bit)
  }
})

test('sizes out of range are refused before anything is allocated', () => {
  for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
    assert.throws(() => Deque.create({ capacity: wrong }), RangeError)
    assert.throws(() => FifoRing.create({ capacity: wrong }), RangeError)
    assert.throws(() => SpscRing.create({ capacity: wrong }), RangeError)
    assert.throws(() => Slots.create({ count: wrong, wordsPerSlot: 1 }), RangeError)
    assert.throws(() => Arena.create({ bytes: wrong }), RangeError)
    assert.throws(() => Counters.create({ count: wrong }), RangeError)
  }
  assert.throws(() => Slots.create({ count: 1, wordsPerSlot: -1 }), RangeError)
  assert.throws(() => Slots.create({ count: 2 ** 20, wordsPerSlot: 1000 }), RangeError)
})

test('bytes round up to whole lines', () => {
  assert.equal([0, 1, 128, 129].map(lines), [0, 128, 128, 256])
})

test.run()
