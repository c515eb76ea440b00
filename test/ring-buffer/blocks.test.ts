import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Blocks, chunkShiftOf } from '../../lib/ring-buffer/blocks.js'
import { EMPTY } from '../../lib/ring-buffer/index.js'

const MIB = 2 ** 20

/** Takes blocks of one size until there are no more. */
function fill(blocks: Blocks, byteLength: number): number[] {
  const taken: number[] = []
  for (let offset = blocks.take(byteLength); offset !== EMPTY; offset = blocks.take(byteLength)) taken.push(offset)
  return taken
}

test('there are 64 chunks or more from 64 KiB on, and never 2,048', () => {
  for (let bit = 16; bit <= 30; bit++) {
    const chunks = 2 ** bit / 2 ** chunkShiftOf(2 ** bit)
    assert.ok(chunks >= 64 && chunks < 2048, `${chunks} chunks`)
    const most = (2 ** (bit + 1) - 1) / 2 ** chunkShiftOf(2 ** (bit + 1) - 1)
    assert.ok(most < 2048, `${most} chunks`)
  }
  assert.is(2 ** chunkShiftOf(64 * MIB), 65_536)
})

test('blocks of any one size fill at least half of the arena, most sizes much more', () => {
  const least = { 64: 1, 65: 0.5, 200: 0.75, 520: 0.8, 1000: 0.8, 5000: 0.8, 33000: 0.5, 65537: 0.5, 200000: 0.75 }
  for (const [bytes, share] of Object.entries(least)) {
    const used = fill(new Blocks(16 * MIB), Number(bytes)).length * Number(bytes)
    assert.ok(used >= share * 16 * MIB, `${bytes} bytes each: ${used} of ${16 * MIB}`)
  }
})

test('the whole arena can be one block, before and after it was many', () => {
  const blocks = new Blocks(4 * MIB)
  const whole = blocks.take(4 * MIB)
  assert.is(whole, 0)
  assert.is(blocks.take(1), EMPTY)
  blocks.free(whole)
  for (const bytes of [64, 700, 30_000, 100_000]) {
    for (const offset of fill(blocks, bytes)) blocks.free(offset)
    assert.is(blocks.take(4 * MIB), 0, `after blocks of ${bytes} bytes`)
    blocks.free(0)
  }
})

test('a small block is taken from a larger size when nothing else is left', () => {
  const blocks = new Blocks(1 << 16)
  const large = fill(blocks, 512)
  assert.is(blocks.take(64), EMPTY)
  blocks.free(large[5] as number)
  assert.is(blocks.take(64), large[5])
  assert.is(blocks.take(64), EMPTY)
})

test('no more than the arena is ever given', () => {
  const blocks = new Blocks(4 * MIB)
  assert.is(blocks.take(4 * MIB + 1), EMPTY)
  assert.is(blocks.take(Number.MAX_SAFE_INTEGER), EMPTY)
  assert.is(blocks.take(Number.POSITIVE_INFINITY), EMPTY)
})

test('a thousand live blocks stay within a megabyte, however many come and go', () => {
  const blocks = new Blocks(64 * MIB)
  const live = new Int32Array(1000).fill(EMPTY)
  let last = 0
  for (let i = 0; i < 500_000; i++) {
    const place = i % live.length
    if (live[place] !== EMPTY) blocks.free(live[place] as number)
    live[place] = blocks.take(200)
    last = Math.max(last, live[place] as number)
  }
  assert.ok(last < MIB, `offset ${last} was used`)
})

test('blocks that are at hand are used before fresh memory, which comes a page at a time', () => {
  const blocks = new Blocks(MIB)
  assert.is(blocks.tryReuse(1024), EMPTY)
  assert.is(blocks.take(1024), 0)
  assert.equal([blocks.tryReuse(1024), blocks.tryReuse(1024), blocks.tryReuse(1024)], [1024, 2048, 3072])
  assert.is(blocks.tryReuse(1024), EMPTY)
  blocks.free(2048)
  assert.is(blocks.tryReuse(1024), 2048)
  assert.is(blocks.take(1024), 4096)
})

test('isTaken knows where blocks in use begin', () => {
  const blocks = new Blocks(MIB)
  const offset = blocks.take(200)
  assert.ok(blocks.isTaken(offset))
  for (const wrong of [offset + 64, offset + 1, -64, 0.5, Number.NaN, 2 ** 32 + offset, MIB, 2 ** 40]) {
    assert.not(blocks.isTaken(wrong), String(wrong))
  }
  blocks.free(offset)
  assert.not(blocks.isTaken(offset))
})

test.run()
