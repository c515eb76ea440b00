import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Deque, type DequeOwner, type DequeThief, EMPTY } from '../../lib/ring-buffer/index.js'

function make(capacity: number): { owner: DequeOwner; thief: DequeThief } {
  const region = Deque.create({ capacity })
  return { owner: Deque.ownerOf(region), thief: Deque.thiefOf(region) }
}

test('the owner pops what it pushed last', () => {
  const { owner } = make(8)
  for (const item of [1, 2, 3]) assert.ok(owner.tryPush(item))
  assert.equal([owner.pop(), owner.pop(), owner.pop(), owner.pop()], [3, 2, 1, EMPTY])
})

test('a thief steals what was pushed first', () => {
  const { owner, thief } = make(8)
  for (const item of [1, 2, 3]) owner.tryPush(item)
  assert.equal([thief.steal(), thief.steal(), thief.steal(), thief.steal()], [1, 2, 3, EMPTY])
})

test('both ends meet at the last item', () => {
  const { owner, thief } = make(8)
  for (const item of [1, 2, 3]) owner.tryPush(item)
  assert.equal([thief.steal(), owner.pop(), thief.steal(), owner.pop(), thief.steal()], [1, 3, 2, EMPTY, EMPTY])
})

test('a full deque refuses, and takes again after a steal', () => {
  const { owner, thief } = make(2)
  assert.equal([owner.tryPush(1), owner.tryPush(2), owner.tryPush(3)], [true, true, false])
  assert.is(thief.steal(), 1)
  assert.ok(owner.tryPush(3))
  assert.equal([owner.pop(), owner.pop(), owner.pop()], [3, 2, EMPTY])
})

test('a deque of one holds one', () => {
  const { owner, thief } = make(1)
  assert.equal([owner.tryPush(7), owner.tryPush(8)], [true, false])
  assert.is(thief.steal(), 7)
  assert.equal([owner.tryPush(9), owner.pop(), owner.pop()], [true, 9, EMPTY])
})

test('the largest and the smallest item survive', () => {
  const { owner, thief } = make(2)
  owner.tryPush(2 ** 31 - 1)
  owner.tryPush(0)
  assert.equal([owner.pop(), thief.steal()], [0, 2 ** 31 - 1])
})

test('both sides see the length', () => {
  const { owner, thief } = make(4)
  assert.equal([owner.length, thief.length], [0, 0])
  for (const item of [1, 2, 3]) owner.tryPush(item)
  assert.equal([owner.length, thief.length], [3, 3])
  owner.pop()
  thief.steal()
  assert.equal([owner.length, thief.length], [1, 1])
})

test('an empty deque stays usable after pops of nothing', () => {
  const { owner, thief } = make(4)
  for (let i = 0; i < 10; i++) assert.is(owner.pop(), EMPTY)
  owner.tryPush(5)
  assert.equal([owner.length, thief.steal()], [1, 5])
})

test('stealInto moves the older half, in order', () => {
  const { owner, thief } = make(8)
  const own = make(8)
  for (const item of [1, 2, 3, 4, 5]) owner.tryPush(item)
  assert.is(thief.stealInto(own.owner, 32), 3)
  assert.equal([own.owner.pop(), own.owner.pop(), own.owner.pop()], [3, 2, 1])
  assert.is(owner.length, 2)
})

test('stealInto takes no more than its limit, its room, and what is there', () => {
  const { owner, thief } = make(8)
  for (let item = 0; item < 8; item++) owner.tryPush(item)
  assert.is(thief.stealInto(make(8).owner, 2), 2)
  assert.is(thief.stealInto(make(1).owner, 32), 1)
  assert.is(thief.stealInto(make(8).owner, 0), 0)
  assert.is(make(8).thief.stealInto(owner, 32), 0)
})

test.run()
