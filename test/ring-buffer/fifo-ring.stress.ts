import { isMainThread } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { load, poke, store } from '#atomics'
import { EMPTY, FifoConsumer, FifoProducer, INDEX_MASK, LINE_BYTES } from '../../lib/ring-buffer/index.js'
import { assertEachOnce, play, Rounds, relax, together } from './threads.js'

interface Shared {
  readonly words: Int32Array
  readonly capacity: number
  readonly count: number
}

// A line each for: the end of the game, and the indices of up to four rings.
const LINE = LINE_BYTES / 4
const OVER = 0
const backOf = (ring: number) => (1 + 2 * ring) * LINE
const frontOf = (ring: number) => (2 + 2 * ring) * LINE
const itemsOf = (ring: number, capacity: number) => 9 * LINE + ring * capacity

function share(capacity: number, count: number): Shared {
  const words = new Int32Array(new SharedArrayBuffer((9 * LINE + 4 * capacity) * 4))
  for (let ring = 0; ring < 4; ring++) {
    poke(words, backOf(ring), INDEX_MASK - 1000) // they wrap early
    poke(words, frontOf(ring), INDEX_MASK - 1000)
  }
  return { words, capacity, count }
}

const producerOf = ({ words, capacity }: Shared, ring: number) =>
  new FifoProducer(words, backOf(ring), frontOf(ring), itemsOf(ring, capacity), capacity)
const consumerOf = ({ words, capacity }: Shared, ring: number) =>
  new FifoConsumer(words, backOf(ring), frontOf(ring), itemsOf(ring, capacity), capacity)

/** Takes one by one until the producer has ended the game and the ring is empty. */
function takeOne(shared: Shared): Int32Array {
  const consumer = consumerOf(shared, 0)
  const taken: number[] = []
  for (;;) {
    const over = load(shared.words, OVER) === 1
    const item = consumer.take()
    if (item >= 0) taken.push(item)
    else if (item === EMPTY && over) return Int32Array.from(taken)
    else relax()
  }
}

/** Takes runs into a ring of its own, where the other consumers take runs in turn. */
function takeRuns({ shared, self }: { shared: Shared; self: number }): Int32Array {
  const own = producerOf(shared, self)
  const rings = [0, 1, 2, 3].map((ring) => consumerOf(shared, ring))
  const ownFront = rings[self] as FifoConsumer
  const taken: number[] = []
  for (let turn = 0; ; turn++) {
    const over = load(shared.words, OVER) === 1
    for (let left = turn % 8; left > 0; left--) {
      const item = ownFront.take()
      if (item >= 0) taken.push(item)
    }
    const moved = rings[(self + 1 + (turn % 3)) % 4]?.takeInto(own, 1 + (turn % 7)) as number
    if (moved <= 0) relax()
    if (over && own.length === 0 && rings[0]?.length === 0) return Int32Array.from(taken)
  }
}

/** Pushes one by one, or in batches of up to 9. Returns how many items there were. */
function produce(shared: Shared, batches: boolean): number {
  const producer = producerOf(shared, 0)
  const rounds = new Rounds(shared.count)
  let item = 0
  while (!rounds.isOver(item)) {
    const batch = batches ? 1 + (item % 9) : 1
    const fits = Math.min(batch, producer.room(batch))
    for (let ahead = 0; ahead < fits; ahead++) producer.place(ahead, item + ahead)
    if (fits > 0) producer.publish(fits)
    else relax()
    item += fits
  }
  store(shared.words, OVER, 1)
  return item
}

async function race(role: string, capacity: number, batches: boolean): Promise<readonly Int32Array[]> {
  const shared = share(capacity, 300_000)
  const parts = [1, 2, 3].map((self) => ({ role, data: role === 'takeOne' ? shared : { shared, self } }))
  const { own, others } = await together(import.meta.url, parts, () => produce(shared, batches))
  assertEachOnce(own, others)
  return others
}

if (!isMainThread) await play({ takeOne, takeRuns })
else {
  test('each item is taken once, and each consumer sees them in order', async () => {
    for (const taken of await race('takeOne', 16, false)) {
      assert.ok(taken.every((item, i) => i === 0 || item > (taken[i - 1] as number)))
    }
  })

  test('each item of a ring of one is taken once', async () => void (await race('takeOne', 1, false)))

  test('each item is taken once when it comes in batches', async () => void (await race('takeOne', 64, true)))

  test('each item is taken once when consumers move runs between rings', async () => {
    await race('takeRuns', 64, true)
  })

  test('each item is taken once when the rings run full', async () => void (await race('takeRuns', 2, false)))

  test.run()
}
