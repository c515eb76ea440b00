import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena, type ArenaOwner, type ArenaReader, EMPTY, type Region } from '../../lib/ring-buffer/index.js'

function make(bytes: number): { region: Region; owner: ArenaOwner; reader: ArenaReader } {
  const region = Arena.create({ bytes })
  return { region, owner: Arena.ownerOf(region), reader: Arena.readerOf(region) }
}

test('what the owner writes the reader reads', () => {
  const { owner, reader } = make(4096)
  const offset = owner.tryAllocate(5)
  owner.bytes(offset, 5).set([1, 2, 3, 4, 5])
  assert.equal([...reader.bytes(offset, 5)], [1, 2, 3, 4, 5])
  assert.equal([...reader.view.subarray(offset, offset + 5)], [1, 2, 3, 4, 5])
})

test('offsets are multiples of 64 and index the view', () => {
  const { owner, region } = make(1 << 20)
  const offsets = [1, 64, 65, 1000, 20_000].map((bytes) => owner.tryAllocate(bytes))
  assert.ok(offsets.every((offset) => offset % 64 === 0))
  assert.is(owner.view.byteOffset, Arena.viewOf(region).byteOffset)
  assert.is(owner.view.length, region.byteLength - 256)
})

test('an arena holds the bytes it was made for, as one block', () => {
  for (const bytes of [1, 63, 1000, 1024, 5000, 100_000, 131_071, 1 << 20]) {
    const { owner } = make(bytes)
    assert.ok(owner.view.length >= bytes)
    assert.is(owner.tryAllocate(owner.view.length), 0)
    assert.is(owner.tryAllocate(1), EMPTY)
  }
})

test('a block of no bytes is a block', () => {
  const { owner, reader } = make(4096)
  const offset = owner.tryAllocate(0)
  assert.is(reader.bytes(offset, 0).length, 0)
  reader.release(offset)
})

test('a freed block is allocated again', () => {
  const { owner } = make(4096)
  const offset = owner.tryAllocate(100)
  owner.free(offset)
  assert.is(owner.tryAllocate(100), offset)
})

test('a released block is allocated again once the free ones are used up', () => {
  const { owner, reader } = make(1024)
  const offsets = Array.from({ length: 16 }, () => owner.tryAllocate(64))
  assert.is(owner.tryAllocate(64), EMPTY)
  reader.release(offsets[3] as number)
  reader.release(offsets[9] as number)
  assert.equal([owner.tryAllocate(64), owner.tryAllocate(64), owner.tryAllocate(64)].sort(), [
    EMPTY,
    ...[offsets[3], offsets[9]].sort(),
  ])
})

test('ten thousand released blocks all come back', () => {
  const { owner, reader } = make(1 << 20)
  const offsets = Array.from({ length: 10_000 }, () => owner.tryAllocate(64))
  for (const offset of offsets) reader.release(offset)
  assert.is(owner.tryAllocate(1 << 20), 0)
})

test('a range outside of the arena is refused', () => {
  const { owner, reader } = make(1024)
  const wrong = [
    [-1, 1],
    [0, 1025],
    [1024, 1],
    [1000, 25],
    [0, -1],
    [Number.NaN, 1],
    [0, Number.NaN],
    [2 ** 40, 1],
    [0, 2 ** 40],
  ] as const
  for (const [offset, length] of wrong) {
    assert.throws(() => reader.bytes(offset, length), RangeError)
    assert.throws(() => owner.bytes(offset, length), RangeError)
  }
  assert.is(reader.bytes(0, 1024).length, 1024)
  assert.is(reader.bytes(1024, 0).length, 0)
})

test('a reader does not see what lies behind the arena', () => {
  const bytes = Arena.bytesFor({ bytes: 1024 })
  const buffer = new SharedArrayBuffer(bytes + 1024)
  const region = Arena.create({ bytes: 1024, into: { buffer, byteOffset: 0, byteLength: bytes + 1024 } })
  const reader = Arena.readerOf({ ...region, byteLength: bytes + 1024 })
  assert.is(reader.view.length, 1024)
  assert.throws(() => reader.bytes(1000, 100), RangeError)
})

test('the release of what can be no block is refused at once', () => {
  const { reader } = make(1024)
  for (const wrong of [-64, 1, 8, 1024, 0.5, Number.NaN, 2 ** 32]) {
    assert.throws(() => reader.release(wrong), /no block begins at offset/)
  }
})

test('a second free is refused', () => {
  const { owner } = make(1024)
  const offset = owner.tryAllocate(64)
  owner.free(offset)
  assert.throws(() => owner.free(offset), /no block begins at offset 0/)
  assert.throws(() => owner.free(64), /no block begins at offset 64/)
})

test('a second release is found by the owner, which goes on', () => {
  const { owner, reader } = make(1024)
  const offset = owner.tryAllocate(1024)
  reader.release(offset)
  reader.release(offset)
  assert.throws(() => owner.tryAllocate(64), /no block begins at offset 0, which was released/)
  assert.is(owner.tryAllocate(64), 0)
})

test('a block that is written to after its release is found by the owner, which goes on', () => {
  const { owner, reader } = make(1024)
  const offset = owner.tryAllocate(1024)
  reader.release(offset)
  reader.bytes(offset, 4).fill(0xff)
  assert.throws(() => owner.tryAllocate(2000), /no block begins/)
  assert.is(owner.tryAllocate(1024), 0)
})

test('a length that is none is refused', () => {
  const { owner } = make(1024)
  for (const wrong of [-1, Number.NaN]) assert.throws(() => owner.tryAllocate(wrong), RangeError)
  assert.is(owner.tryAllocate(1025), EMPTY)
  assert.is(owner.tryAllocate(Number.POSITIVE_INFINITY), EMPTY)
})

test.run()
