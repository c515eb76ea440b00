import { isMainThread } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { load, store } from '#atomics'
import { Doorbell, FifoRing, LINE_BYTES, type Region } from '../../lib/ring-buffer/index.js'
import { assertEachOnce, play, Rounds, relax, together } from './threads.js'

interface Shared {
  readonly ring: Region
  readonly bell: Region
  /** Word 0: how many items were taken. Next line: whether the game is over. */
  readonly words: Int32Array
  readonly count: number
}
interface Outcome {
  readonly taken: Int32Array
  /** Waits that ended with the time-out: a wake-up was lost. */
  readonly lost: number
}

const OVER = LINE_BYTES / 4
const END = 2 ** 31 - 1
/** No test waits for this; a lost wake-up does, and is counted. */
const LOST_MS = 10_000

function share(count: number): Shared {
  const words = new Int32Array(new SharedArrayBuffer(2 * LINE_BYTES))
  return { ring: FifoRing.create({ capacity: 64 }), bell: Doorbell.create({}), words, count }
}

/** Takes and, when there is nothing, sleeps until the bell rings. The second look at OVER is part of looking for work. */
function sleepBetween({ ring, bell: region, words }: Shared): Outcome {
  const consumer = FifoRing.consumerOf(ring)
  const bell = Doorbell.of(region)
  const taken: number[] = []
  let lost = 0
  const take = (): boolean => {
    const item = consumer.take()
    if (item < 0) return consumer.length > 0
    taken.push(item)
    return true
  }
  for (;;) {
    if (take()) continue
    const seen = bell.prepare()
    if (take()) bell.cancel()
    else if (load(words, OVER) === 1) return { taken: Int32Array.from(taken), lost }
    else if (bell.commit(seen, LOST_MS) === 'timed-out') lost++
  }
}

/** As above, with one waiter that says after each item that it has it. END ends it. */
async function sleepAsync({ ring, bell: region, words }: Shared): Promise<Outcome> {
  const consumer = FifoRing.consumerOf(ring)
  const bell = Doorbell.of(region)
  const taken: number[] = []
  let lost = 0
  for (;;) {
    const seen = bell.prepare()
    const item = consumer.take()
    if (item === END) return { taken: Int32Array.from(taken), lost }
    if (item >= 0) {
      bell.cancel()
      taken.push(item)
      store(words, 0, taken.length)
    } else if ((await bell.commitAsync(seen, LOST_MS)) === 'timed-out') lost++
  }
}

/** Pushes and rings, and returns how often; with `oneByOne` not before the item before was taken, so that everybody sleeps each time. */
function ringForEach({ ring, bell: region, words, count }: Shared, oneByOne: boolean): number {
  const producer = FifoRing.producerOf(ring)
  const bell = Doorbell.of(region)
  const rounds = new Rounds(count)
  let item = 0
  for (; !rounds.isOver(item); item++) {
    while (!producer.tryPush(item)) relax()
    bell.ring()
    if (oneByOne) while (producer.length > 0) relax()
  }
  store(words, OVER, 1)
  bell.ring()
  return item
}

function ringSlowly({ ring, bell: region, words, count }: Shared): number {
  const producer = FifoRing.producerOf(ring)
  const bell = Doorbell.of(region)
  const rounds = new Rounds(count)
  let item = 0
  for (; !rounds.isOver(item); item++) {
    producer.tryPush(item)
    bell.ring()
    while (load(words, 0) <= item) relax()
  }
  producer.tryPush(END)
  bell.ring()
  return item
}

async function race(count: number, oneByOne: boolean): Promise<void> {
  const shared = share(count)
  const parts = [1, 2, 3].map(() => ({ role: 'sleepBetween', data: shared }))
  const { own, others } = await together<number, Outcome>(import.meta.url, parts, () => ringForEach(shared, oneByOne))
  assert.equal(
    others.map(({ lost }) => lost),
    [0, 0, 0],
  )
  assertEachOnce(
    own,
    others.map(({ taken }) => taken),
  )
}

if (!isMainThread) await play({ sleepBetween, ringSlowly })
else {
  test('no wake-up is lost when three waiters sleep before each item', () => race(10_000, true))

  test('no wake-up is lost when items come as fast as they can', () => race(200_000, false))

  test('no wake-up is lost by an async waiter', async () => {
    const shared = share(10_000)
    const parts = [{ role: 'ringSlowly', data: shared }]
    const { own, others } = await together<Outcome, number>(import.meta.url, parts, () => sleepAsync(shared))
    assert.is(own.lost, 0)
    assertEachOnce(others[0] as number, [own.taken])
  })

  test.run()
}
