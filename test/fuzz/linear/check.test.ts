import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { linearize, type Operation, type Specification } from '../../../fuzz/linear/check.js'
import { NO, queueOf, retriesWithoutCause, returned, slotsOf, YES } from '../../../fuzz/linear/specifications.js'
import { EMPTY, RETRY } from '../../../lib/ring-buffer/index.js'

type Short = readonly [call: number, back: number, thread: number, name: string, argument: number, ...result: number[]]

const historyOf = (...rows: readonly Short[]): Operation[] =>
  rows.map(([call, back, thread, name, argument, ...result]) => ({ call, back, thread, name, argument, result }))

const holds = (specification: Specification<any>, ...rows: readonly Short[]): boolean =>
  linearize(historyOf(...rows), specification) !== undefined

test('one after the other, each answer has to be right', () => {
  const deque = queueOf(2)
  assert.ok(holds(deque, [0, 1, 0, 'push', 7, YES], [2, 3, 0, 'push', 8, YES], [4, 5, 0, 'pop', 0, 8]))
  assert.not(holds(deque, [0, 1, 0, 'push', 7, YES], [2, 3, 0, 'push', 8, YES], [4, 5, 0, 'pop', 0, 7]))
  assert.ok(holds(deque, [0, 1, 0, 'push', 7, YES], [2, 3, 0, 'push', 8, YES], [4, 5, 1, 'steal', 0, 7]))
  assert.not(holds(deque, [0, 1, 0, 'push', 7, YES], [2, 3, 0, 'push', 8, YES], [4, 5, 1, 'steal', 0, 8]))
  assert.not(holds(deque, [0, 1, 0, 'push', 7, YES], [2, 3, 1, 'steal', 0, EMPTY]))
  assert.not(holds(deque, [0, 1, 0, 'push', 7, NO]))
  assert.ok(holds(queueOf(1), [0, 1, 0, 'push', 7, YES], [2, 3, 0, 'push', 8, NO]))
  assert.not(holds(queueOf(1), [0, 1, 0, 'push', 7, YES], [2, 3, 0, 'push', 8, YES]))
})

test('operations that overlap may have taken place in either order', () => {
  const rows: readonly Short[] = [
    [0, 3, 0, 'push', 7, YES],
    [1, 2, 1, 'steal', 0, EMPTY],
  ]
  assert.ok(holds(queueOf(4), ...rows))
  assert.ok(holds(queueOf(4), [0, 3, 0, 'push', 7, YES], [1, 2, 1, 'steal', 0, 7]))
})

test('what two threads have both taken is found, however much overlaps', () => {
  assert.not(
    holds(
      queueOf(4),
      [0, 1, 0, 'push', 7, YES],
      [2, 9, 1, 'steal', 0, 7],
      [3, 8, 2, 'steal', 0, 7],
      [4, 7, 0, 'push', 8, YES],
    ),
  )
})

test('an order that only the real time forbids is forbidden', () => {
  // Thread 2 saw nothing after thread 1 had seen the item.
  assert.not(
    holds(
      queueOf(4),
      [0, 9, 0, 'push', 7, YES],
      [1, 2, 1, 'steal', 0, 7],
      [3, 4, 0, 'push', 8, YES],
      [5, 6, 2, 'steal', 0, EMPTY],
    ),
  )
})

test('a run is the oldest items in order, half of them at most', () => {
  const pushes: readonly Short[] = [0, 1, 2, 3].map((i) => [2 * i, 2 * i + 1, 0, 'push', i, YES])
  assert.ok(holds(queueOf(4), ...pushes, [10, 11, 1, 'takeInto', 0, 0, 1]))
  assert.not(holds(queueOf(4), ...pushes, [10, 11, 1, 'takeInto', 0, 1, 0]))
  assert.not(holds(queueOf(4), ...pushes, [10, 11, 1, 'takeInto', 0, 0, 1, 2]))
})

test('RETRY needs somebody who was faster', () => {
  const push: Short = [0, 1, 0, 'push', 7, YES]
  const retry: Short = [4, 7, 1, 'steal', 0, RETRY]
  assert.is(retriesWithoutCause(historyOf(push, retry)).length, 1)
  assert.is(retriesWithoutCause(historyOf(push, retry, [5, 6, 2, 'steal', 0, 7])).length, 0)
  assert.is(retriesWithoutCause(historyOf(push, retry, [2, 3, 2, 'steal', 0, 7])).length, 1)
  assert.is(retriesWithoutCause(historyOf(push, retry, [2, 3, 2, 'steal', 0, 7]), 1).length, 0)
})

test('blocks come home once each, the last first', () => {
  const pushes: readonly Short[] = [
    [0, 1, 1, 'push', 3, YES],
    [2, 3, 2, 'push', 4, YES],
  ]
  assert.ok(holds(returned, ...pushes, [4, 5, 0, 'takeAll', 0, 4, 3]))
  assert.not(holds(returned, ...pushes, [4, 5, 0, 'takeAll', 0, 3, 4]))
  assert.not(holds(returned, ...pushes, [4, 5, 0, 'takeAll', 0, 4]))
})

test('a slot is claimed once, and completed by who claimed it', () => {
  const queued: readonly Short[] = [
    [0, 1, 0, 'allocate', 0, 9],
    [2, 3, 0, 'publish', 9, YES],
  ]
  assert.ok(holds(slotsOf(1), ...queued, [4, 7, 1, 'claim', 9, YES], [5, 6, 2, 'claim', 9, NO]))
  assert.not(holds(slotsOf(1), ...queued, [4, 7, 1, 'claim', 9, YES], [5, 6, 2, 'claim', 9, YES]))
  assert.not(holds(slotsOf(1), ...queued, [4, 5, 1, 'claim', 9, NO]))
  assert.not(holds(slotsOf(1), ...queued, [4, 5, 1, 'claim', 9, YES], [6, 7, 2, 'complete', 9, YES]))
  assert.not(holds(slotsOf(1), ...queued, [4, 5, 0, 'allocate', 0, 5]))
})

test.run()
