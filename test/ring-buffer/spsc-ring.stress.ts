import { isMainThread } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { poke } from '#atomics'
import { EMPTY, INDEX_MASK, LINE_BYTES, RingConsumer, RingProducer } from '../../lib/ring-buffer/index.js'
import { play, Rounds, relax, together } from './threads.js'

interface Shared {
  readonly words: Int32Array
  readonly capacity: number
  readonly count: number
  readonly batch: number
}

const TAIL = 0
const HEAD = LINE_BYTES / 4
const ITEMS = 2 * HEAD
const END = 2 ** 31 - 1

function share(capacity: number, batch: number): Shared {
  const words = new Int32Array(new SharedArrayBuffer((ITEMS + capacity) * 4))
  poke(words, TAIL, INDEX_MASK - 1000) // they wrap early
  poke(words, HEAD, INDEX_MASK - 1000)
  return { words, capacity, count: 1_000_000, batch }
}

/** Pops until the end; returns how many items came in order. With `batch` it gives their places back by as many. */
function consume({ words, capacity, batch }: Shared): number {
  const consumer = RingConsumer.attach(words, TAIL, HEAD, ITEMS, capacity)
  for (let expected = 0; ; ) {
    const item = expected % batch === 0 ? consumer.pop() : consumer.take()
    if (item === expected) expected++
    else if (item !== EMPTY) return expected
    else {
      consumer.release()
      relax()
    }
  }
}

/** Returns how many items there were before the end. */
function produce({ words, capacity, count, batch }: Shared): number {
  const producer = new RingProducer(words, TAIL, HEAD, ITEMS, capacity)
  const rounds = new Rounds(count)
  let item = 0
  while (!rounds.isOver(item)) {
    if (producer.tryPush(item)) {
      item++
      if (item % batch === 0) producer.publish()
    } else {
      producer.publish()
      relax()
    }
  }
  while (!producer.tryPush(END)) producer.publish()
  producer.publish()
  return item
}

async function race(capacity: number, batch: number): Promise<void> {
  const shared = share(capacity, batch)
  const part = { role: 'consume', data: shared }
  const { own, others } = await together<number, number>(import.meta.url, [part], () => produce(shared))
  assert.equal(others, [own])
}

if (!isMainThread) await play({ consume })
else {
  test('each item arrives once and in order when each is published by itself', () => race(1024, 1))
  test('each item arrives once and in order when they are published in batches', () => race(1024, 16))
  test('each item arrives once and in order when the ring is always full or empty', () => race(2, 3))
  test.run()
}
