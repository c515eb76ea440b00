import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Call, CallQueue, TICKS_PER_MS, ticks } from '../../lib/workers/calls.js'

const callOf = (slot: number): Call => ({ slot }) as Call

/** Pushes and shifts as told, beside an array. */
function compare(steps: Iterable<number>): void {
  const queue = new CallQueue()
  const array: Call[] = []
  let next = 0
  for (const step of steps) {
    for (let i = 0; i < step; i++) {
      const call = callOf(next++)
      queue.push(call)
      array.push(call)
    }
    const taken = step < 0 ? array.splice(0, -step) : []
    for (const call of taken) {
      if (queue.peek() !== call || queue.shift() !== call) throw new Error(`call ${call.slot} is not the next`)
    }
    assert.is(queue.length, array.length)
    assert.is(queue.peek(), array[0])
  }
}

test('a queue of nothing gives nothing, also after it was emptied', () => {
  const queue = new CallQueue()
  assert.equal([queue.length, queue.peek(), queue.shift()], [0, undefined, undefined])
  queue.push(callOf(1))
  assert.is(queue.shift()?.slot, 1)
  assert.equal([queue.length, queue.peek(), queue.shift()], [0, undefined, undefined])
  queue.push(callOf(2))
  assert.equal([queue.length, queue.shift()?.slot], [1, 2])
})

test('peek takes nothing', () => {
  const queue = new CallQueue()
  const call = callOf(1)
  queue.push(call)
  assert.equal([queue.peek() === call, queue.peek() === call, queue.length], [true, true, 1])
})

test('calls come out as from an array, one by one and in runs', () => {
  compare([1, -1, 2, -1, 3, -2, -2, 5, 5, -3, 1, -8])
})

test('calls come out as from an array when the queue drops its used half', () => {
  compare([60_000, -16_384, -1, -20_000, 10_000, -1, -33_614, 5, -5])
  compare(Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 300 : i < 200 ? -100 : -500)))
})

test('calls come out as from an array for any steps', () => {
  let random = 12345
  const steps = Array.from({ length: 2000 }, () => {
    random = (random * 1_103_515_245 + 12_345) & 0x7fffffff
    return ((random >> 8) % 200) - 95
  })
  compare(steps)
})

test('ticks are integers of 10 ns, and never negative', () => {
  assert.equal([ticks(1), ticks(0.00001), ticks(0.000014), ticks(0)], [TICKS_PER_MS, 1, 1, 0])
  assert.equal([ticks(-3), ticks(Number.NaN)], [0, 0])
})

test.run()
