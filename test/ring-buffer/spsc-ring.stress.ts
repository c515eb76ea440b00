import { isMainThread } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { poke } from '#atomics'
import { EMPTY, INDEX_MASK, LINE_BYTES, RingConsumer, RingProducer } from '../../lib/ring-buffer/index.js'
import { play, together } from './threads.js'

interface Shared {
  readonly words: Int32Array
  readonly capacity: number
  readonly count: number
}

const TAIL = 0
const HEAD = LINE_BYTES / 4
const ITEMS = 2 * HEAD

function share(capacity: number): Shared {
  const words = new Int32Array(new SharedArrayBuffer((ITEMS + capacity) * 4))
  poke(words, TAIL, INDEX_MASK - 1000) // they wrap early
  poke(words, HEAD, INDEX_MASK - 1000)
  return { words, capacity, count: 1_000_000 }
}

/** Pops all; returns the first item that came out of order, or EMPTY. */
function consume({ words, capacity, count }: Shared): number {
  const consumer = new RingConsumer(words, TAIL, HEAD, ITEMS, capacity)
  for (let expected = 0; expected < count; ) {
    const item = consumer.pop()
    if (item === EMPTY) continue
    if (item !== expected) return item
    expected++
  }
  return EMPTY
}

function produce({ words, capacity, count }: Shared, batch: number): void {
  const producer = new RingProducer(words, TAIL, HEAD, ITEMS, capacity)
  for (let item = 0; item < count; ) {
    if (producer.tryPush(item)) {
      item++
      if (item % batch === 0) producer.publish()
    } else producer.publish()
  }
  producer.publish()
}

async function race(capacity: number, batch: number): Promise<void> {
  const shared = share(capacity)
  const part = { role: 'consume', data: shared }
  const { others } = await together<number, void>(import.meta.url, [part], () => produce(shared, batch))
  assert.equal(others, [EMPTY])
}

if (!isMainThread) await play({ consume })
else {
  test('each item arrives once and in order when each is published by itself', () => race(1024, 1))
  test('each item arrives once and in order when they are published in batches', () => race(1024, 16))
  test('each item arrives once and in order when the ring is always full or empty', () => race(2, 3))
  test.run()
}
