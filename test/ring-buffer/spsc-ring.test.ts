import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { EMPTY, type RingConsumer, type RingProducer, SpscRing } from '../../lib/ring-buffer/index.js'

function make(capacity: number): { producer: RingProducer; consumer: RingConsumer } {
  const region = SpscRing.create({ capacity })
  return { producer: SpscRing.producerOf(region), consumer: SpscRing.consumerOf(region) }
}

test('items are popped in the order in which they were pushed', () => {
  const { producer, consumer } = make(4)
  for (const item of [1, 2, 3]) assert.ok(producer.tryPush(item))
  producer.publish()
  assert.equal([consumer.pop(), consumer.pop(), consumer.pop(), consumer.pop()], [1, 2, 3, EMPTY])
})

test('items are seen only when they are published', () => {
  const { producer, consumer } = make(4)
  producer.tryPush(1)
  assert.ok(consumer.isEmpty())
  assert.is(consumer.pop(), EMPTY)
  producer.publish()
  assert.not(consumer.isEmpty())
  assert.is(consumer.pop(), 1)
})

test('a full ring refuses, and takes again after a pop', () => {
  const { producer, consumer } = make(2)
  assert.equal([producer.tryPush(1), producer.tryPush(2), producer.tryPush(3)], [true, true, false])
  producer.publish()
  assert.is(consumer.pop(), 1)
  assert.equal([producer.tryPush(3), producer.tryPush(4)], [true, false])
})

test('what is taken keeps its place until it is released', () => {
  const { producer, consumer } = make(2)
  producer.tryPush(1)
  producer.tryPush(2)
  producer.publish()
  assert.equal([consumer.place, consumer.take(), consumer.place, consumer.take(), consumer.take()], [0, 1, 1, 2, EMPTY])
  assert.is(producer.tryPush(3), false)
  consumer.release()
  assert.equal([producer.place, producer.tryPush(3), producer.place], [0, true, 1])
})

test('drain visits at most as many as its limit', () => {
  const { producer, consumer } = make(8)
  for (let item = 0; item < 5; item++) producer.tryPush(item)
  producer.publish()
  const seen: number[] = []
  assert.is(
    consumer.drain((item) => seen.push(item), 3),
    3,
  )
  assert.is(
    consumer.drain((item) => seen.push(item), 9),
    2,
  )
  assert.equal(seen, [0, 1, 2, 3, 4])
})

test('a visit that throws loses only its own item', () => {
  const { producer, consumer } = make(8)
  for (let item = 0; item < 3; item++) producer.tryPush(item)
  producer.publish()
  const fail = () => {
    throw new Error('visited')
  }
  assert.throws(() => consumer.drain(fail, 9), /visited/)
  assert.is(consumer.pop(), 1)
})

test('a visit may drain again', () => {
  const { producer, consumer } = make(8)
  for (let item = 0; item < 4; item++) producer.tryPush(item)
  producer.publish()
  const seen: number[] = []
  const visit = (item: number): void => {
    seen.push(item)
    consumer.drain(visit, 1)
  }
  assert.is(consumer.drain(visit, 9), 1)
  assert.equal(seen, [0, 1, 2, 3])
})

test('a successor on either side goes on where the other stopped', () => {
  const region = SpscRing.create({ capacity: 4 })
  const first = SpscRing.producerOf(region)
  first.tryPush(1)
  first.tryPush(2)
  first.publish()
  assert.is(SpscRing.consumerOf(region).pop(), 1)
  const second = SpscRing.producerOf(region)
  second.tryPush(3)
  second.publish()
  const consumer = SpscRing.consumerOf(region)
  assert.equal([consumer.pop(), consumer.pop(), consumer.pop()], [2, 3, EMPTY])
})

test.run()
