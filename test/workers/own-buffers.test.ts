import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { OwnBuffers } from '../../lib/workers/own-buffers.js'

const MIB = 2 ** 20

function newBuffers(): { buffers: OwnBuffers; made: number[]; released: number[] } {
  const made: number[] = []
  const released: number[] = []
  const announcer = {
    buffer: (shared: SharedArrayBuffer) => made.push(shared.byteLength),
    release: (id: number) => void released.push(id),
  }
  return { buffers: new OwnBuffers(announcer), made, released }
}

test('a buffer that came back is used again, under its number, also for a little more', () => {
  const { buffers, made } = newBuffers()
  for (let round = 1; round < 1_000; round++) {
    const { id, memory } = buffers.take(14 * MIB + round)
    assert.ok(memory.bytes.length >= 14 * MIB + round)
    assert.is(id, 1)
    assert.ok(buffers.giveBack(id))
  }
  assert.is(made.length, 1)
})

test('one that is in use is given to nobody else', () => {
  const { buffers } = newBuffers()
  const ids = Array.from({ length: 10 }, () => buffers.take(2 * MIB).id)
  assert.is(new Set(ids).size, 10)
  buffers.giveBack(ids[3] as number)
  assert.is(buffers.take(2 * MIB).id, ids[3])
})

test('what is not of this thread, or came back before, is refused', () => {
  const { buffers } = newBuffers()
  const { id } = buffers.take(MIB)
  assert.not(buffers.giveBack(id + 1))
  assert.ok(buffers.giveBack(id))
  assert.not(buffers.giveBack(id))
})

test('a small payload takes no large spare, and the smallest one that fits', () => {
  const { buffers } = newBuffers()
  const [large, small] = [buffers.take(40 * MIB).id, buffers.take(3 * MIB).id]
  buffers.giveBack(large)
  buffers.giveBack(small)
  assert.is(buffers.take(2 * MIB).id, small)
  assert.is.not(buffers.take(2 * MIB).id, large)
})

test('spares hold no more than was in use at most, or 64 MiB, and the oldest goes first', () => {
  const { buffers, released } = newBuffers()
  const ids = Array.from({ length: 100 }, () => buffers.take(8 * MIB).id)
  for (const id of ids) buffers.giveBack(id)
  assert.ok(buffers.bytes <= 800 * MIB)
  // A smaller flow lets go of what the flood has needed.
  for (let i = 0; i < 2_000; i++) buffers.giveBack(buffers.take(8 * MIB).id)
  assert.ok(buffers.bytes <= 72 * MIB, `${buffers.bytes / MIB} MiB`)
  assert.is(released[0], ids[0])
})

test.run()
