import { isMainThread } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena, EMPTY, FifoRing, type Region } from '../../lib/ring-buffer/index.js'
import { assertEachOnce, play, Rounds, relax, together } from './threads.js'

interface Shared {
  readonly arena: Region
  readonly ring: Region
  readonly count: number
}

// What a block says of itself: its number and its length, then bytes that follow from the number.
const NUMBER = 0
const LENGTH = 4
const BODY = 8
const END = 2 ** 31 - 1

function viewsOf(arena: Region): { view: Uint8Array; ints: DataView } {
  const view = Arena.viewOf(arena)
  return { view, ints: new DataView(view.buffer, view.byteOffset, view.byteLength) }
}

/** Takes blocks, checks each byte, releases them. Returns the numbers, and fails at the first byte that is wrong. */
function read({ arena, ring }: Shared): Int32Array {
  const reader = Arena.readerOf(arena)
  const { view, ints } = viewsOf(arena)
  const consumer = FifoRing.consumerOf(ring)
  const numbers: number[] = []
  for (;;) {
    const offset = consumer.take()
    if (offset === END) return Int32Array.from(numbers)
    if (offset < 0) {
      relax()
      continue
    }
    const number = ints.getInt32(offset + NUMBER)
    const end = offset + ints.getInt32(offset + LENGTH)
    for (let at = offset + BODY; at < end; at++) {
      if (view[at] !== (number & 255)) throw new Error(`block ${number} at ${offset} holds another's byte at ${at}`)
    }
    numbers.push(number)
    reader.release(offset)
  }
}

/** Sends blocks of up to `most` bytes and frees every seventh itself. Returns how many there were, and its own. */
function send({ arena, ring, count }: Shared, readers: number, most: number) {
  const owner = Arena.ownerOf(arena)
  const { view, ints } = viewsOf(arena)
  const producer = FifoRing.producerOf(ring)
  const kept: number[] = []
  const rounds = new Rounds(count)
  let number = 0
  for (; !rounds.isOver(number); number++) {
    const length = BODY + ((number * 7919) % most)
    let offset = owner.tryAllocate(length)
    while (offset === EMPTY) {
      relax() // full: until a reader releases one
      offset = owner.tryAllocate(length)
    }
    ints.setInt32(offset + NUMBER, number)
    ints.setInt32(offset + LENGTH, length)
    view.fill(number & 255, offset + BODY, offset + length)
    if (number % 7 === 0) {
      kept.push(number)
      owner.free(offset)
    } else while (!producer.tryPush(offset)) relax()
  }
  for (let reader = 0; reader < readers; reader++) while (!producer.tryPush(END)) relax()
  // Each reader ends after its last release: from then on the arena is one block again.
  while (owner.tryAllocate(owner.view.length) === EMPTY) relax()
  return { count: number, kept: Int32Array.from(kept) }
}

async function race(bytes: number, most: number, count: number): Promise<void> {
  const shared = { arena: Arena.create({ bytes }), ring: FifoRing.create({ capacity: 64 }), count }
  const parts = [1, 2].map(() => ({ role: 'read', data: shared }))
  const { own, others } = await together(import.meta.url, parts, () => send(shared, 2, most))
  assertEachOnce(own.count, [own.kept, ...others])
  assert.is(others.length, 2)
}

if (!isMainThread) await play({ read })
else {
  test('blocks that come home from two threads are used again and hold their bytes', () => race(1 << 20, 500, 200_000))
  test('an arena that is always full gives each block to one at a time', () => race(4096, 700, 100_000))
  test('large blocks and small ones take turns', () => race(1 << 20, 100_000, 4000))
  test.run()
}
