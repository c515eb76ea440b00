import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { poke } from '#atomics'
import { EMPTY, RingConsumer, RingProducer } from '../../lib/ring-buffer/index.js'
import { holds, startIndex } from './property.js'

const TAIL = 0
const HEAD = 1
const ITEMS = 2

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('push' as const), item: fc.nat(2 ** 31 - 1) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('publish' as const, 'pop' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('take' as const, 'release' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('producer' as const, 'consumer' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drain' as const), limit: fc.nat(6) }) },
)

test('a ring does what arrays of pushed, published and taken items do, over the wrap of its indices', () => {
  holds(
    fc.property(
      startIndex,
      fc.constantFrom(1, 2, 4, 8),
      fc.array(step, { maxLength: 80 }),
      (start, capacity, steps) => {
        const words = new Int32Array(new SharedArrayBuffer((ITEMS + capacity) * 4))
        poke(words, TAIL, start)
        poke(words, HEAD, start)
        let producer = new RingProducer(words, TAIL, HEAD, ITEMS, capacity)
        let consumer = RingConsumer.attach(words, TAIL, HEAD, ITEMS, capacity)
        const published: number[] = []
        let pushed: number[] = []
        let taken: number[] = []
        let [back, front] = [start, start]
        for (const given of steps) {
          if (given.kind === 'push') {
            const fits = taken.length + published.length + pushed.length < capacity
            assert.is(producer.place, (back + pushed.length) % capacity)
            assert.is(producer.tryPush(given.item), fits)
            if (fits) pushed.push(given.item)
          } else if (given.kind === 'publish') {
            producer.publish()
            back += pushed.length
            published.push(...pushed.splice(0))
          } else if (given.kind === 'pop') {
            assert.is(consumer.isEmpty(), published.length === 0)
            const item = published.shift() ?? EMPTY
            assert.is(consumer.pop(), item)
            if (item === EMPTY) continue
            front += taken.length + 1
            taken = []
          } else if (given.kind === 'take') {
            assert.is(consumer.place, (front + taken.length) % capacity)
            const item = published.shift() ?? EMPTY
            assert.is(consumer.take(), item)
            if (item !== EMPTY) taken.push(item)
          } else if (given.kind === 'release') {
            consumer.release()
            front += taken.length
            taken = []
          } else if (given.kind === 'drain') {
            const seen: number[] = []
            consumer.drain((item) => seen.push(item), given.limit)
            assert.equal(seen, published.splice(0, given.limit))
            if (seen.length === 0) continue
            front += taken.length + seen.length
            taken = []
          } else if (given.kind === 'producer') {
            producer = new RingProducer(words, TAIL, HEAD, ITEMS, capacity) // a successor
            pushed = []
          } else {
            consumer = RingConsumer.attach(words, TAIL, HEAD, ITEMS, capacity) // a successor finds what was not released
            published.unshift(...taken)
            taken = []
          }
        }
      },
    ),
  )
})

test.run()
