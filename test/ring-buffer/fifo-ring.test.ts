import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { EMPTY, type FifoConsumer, type FifoProducer, FifoRing } from '../../lib/ring-buffer/index.js'

function make(capacity: number): { producer: FifoProducer; consumer: FifoConsumer } {
  const region = FifoRing.create({ capacity })
  return { producer: FifoRing.producerOf(region), consumer: FifoRing.consumerOf(region) }
}

test('items come out in the order in which they went in', () => {
  const { producer, consumer } = make(4)
  for (const item of [1, 2, 3]) assert.ok(producer.tryPush(item))
  assert.equal([consumer.take(), consumer.take(), consumer.take(), consumer.take()], [1, 2, 3, EMPTY])
})

test('a full ring refuses, and takes again after a take', () => {
  const { producer, consumer } = make(2)
  assert.equal([producer.tryPush(1), producer.tryPush(2), producer.tryPush(3)], [true, true, false])
  assert.is(consumer.take(), 1)
  assert.ok(producer.tryPush(3))
  assert.equal([consumer.take(), consumer.take(), consumer.take()], [2, 3, EMPTY])
})

test('what is placed is seen only when it is published', () => {
  const { producer, consumer } = make(4)
  producer.place(0, 5)
  producer.place(1, 6)
  assert.is(consumer.take(), EMPTY)
  producer.publish(2)
  assert.equal([consumer.length, consumer.take(), consumer.take()], [2, 5, 6])
})

test('takeInto moves the older half, in order', () => {
  const { producer, consumer } = make(8)
  const own = make(8)
  for (const item of [1, 2, 3, 4, 5]) producer.tryPush(item)
  assert.is(consumer.takeInto(own.producer, 32), 3)
  assert.equal([own.consumer.take(), own.consumer.take(), own.consumer.take()], [1, 2, 3])
  assert.equal([consumer.take(), consumer.take()], [4, 5])
})

test('takeInto takes no more than its limit, its room, and what is there', () => {
  const { producer, consumer } = make(8)
  for (let item = 0; item < 8; item++) producer.tryPush(item)
  assert.is(consumer.takeInto(make(8).producer, 2), 2)
  assert.is(consumer.takeInto(make(1).producer, 32), 1)
  assert.is(consumer.takeInto(make(8).producer, 0), 0)
  assert.is(make(8).consumer.takeInto(producer, 32), 0)
})

test('both sides see the length, and the producer its room', () => {
  const { producer, consumer } = make(4)
  for (const item of [1, 2, 3]) producer.tryPush(item)
  assert.equal([producer.length, consumer.length, producer.room(4)], [3, 3, 1])
  consumer.take()
  assert.equal([producer.length, consumer.length, producer.room(4)], [2, 2, 2])
  assert.is(producer.nextIndex(), 3)
})

test.run()
