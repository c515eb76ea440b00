import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { poke } from '#atomics'
import { advance, EMPTY, FifoConsumer, FifoProducer } from '../../lib/ring-buffer/index.js'
import { holds, startIndex } from './property.js'

const BACK = 0
const FRONT = 1
const ITEMS = 2

/** A ring whose indices have come as far as `start`. */
function make(start: number, capacity: number) {
  const words = new Int32Array(new SharedArrayBuffer((ITEMS + capacity) * 4))
  poke(words, BACK, start)
  poke(words, FRONT, start)
  return {
    producer: new FifoProducer(words, BACK, FRONT, ITEMS, capacity),
    consumer: new FifoConsumer(words, BACK, FRONT, ITEMS, capacity),
    model: [] as number[],
    pushed: 0,
  }
}

const item = fc.integer({ min: 0, max: 2 ** 31 - 1 })
const step = fc.oneof(
  fc.record({ kind: fc.constant('push' as const), item }),
  fc.record({ kind: fc.constant('batch' as const), items: fc.array(item, { maxLength: 5 }) }),
  fc.record({ kind: fc.constant('take' as const) }),
  fc.record({ kind: fc.constantFrom('takeInto' as const, 'takeBack' as const), limit: fc.nat(5) }),
)
const capacity = fc.constantFrom(1, 2, 4, 8)

test('two rings do what two arrays do, over the wrap of their indices', () => {
  holds(
    fc.property(startIndex, startIndex, capacity, capacity, fc.array(step, { maxLength: 60 }), (s, t, c, d, steps) => {
      const from = make(s, c)
      const own = make(t, d)
      for (const given of steps) {
        if (given.kind === 'push') {
          const fits = from.model.length < c
          assert.is(from.producer.tryPush(given.item), fits)
          if (fits) from.model.push(given.item)
          if (fits) from.pushed++
        } else if (given.kind === 'batch') {
          const items = given.items.slice(0, from.producer.room(given.items.length))
          for (const [ahead, item] of items.entries()) from.producer.place(ahead, item)
          from.producer.publish(items.length)
          from.model.push(...items)
          from.pushed += items.length
        } else if (given.kind === 'take') {
          assert.is(from.consumer.take(), from.model.shift() ?? EMPTY)
        } else {
          const [victim, taker, room] = given.kind === 'takeInto' ? [from, own, d] : [own, from, c]
          const half = Math.ceil(victim.model.length / 2)
          const moved = Math.min(half, given.limit, room - taker.model.length)
          assert.is(victim.consumer.takeInto(taker.producer, given.limit), moved)
          taker.model.push(...victim.model.splice(0, moved))
          taker.pushed += moved
        }
        assert.is(from.producer.length, from.model.length)
        assert.is(own.consumer.length, own.model.length)
        assert.is(from.producer.nextIndex(), advance(s, from.pushed))
        assert.is(own.producer.room(Number.POSITIVE_INFINITY), d - own.model.length)
      }
      for (const { consumer, model } of [from, own]) for (const item of model) assert.is(consumer.take(), item)
    }),
  )
})

test.run()
