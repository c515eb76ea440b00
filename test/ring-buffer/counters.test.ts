import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Counters, LINE_BYTES } from '../../lib/ring-buffer/index.js'

test('counters begin at 0 and count apart', () => {
  const counters = Counters.of(Counters.create({ count: 3 }))
  counters.add(0, 5)
  counters.add(2, -7)
  counters.add(0, 1)
  assert.equal([counters.read(0), counters.read(1), counters.read(2)], [6, 0, -7])
  assert.is(counters.count, 3)
})

test('each counter has a line of its own', () => {
  const region = Counters.create({ count: 3 })
  const counters = Counters.of(region)
  for (const index of [0, 1, 2]) counters.add(index, 7)
  const words = new Int32Array(region.buffer)
  const lines = [...words.keys()].filter((word) => words[word] === 7).map((word) => Math.floor((word * 4) / LINE_BYTES))
  assert.equal(lines, [1, 2, 3])
})

test('a counter that is not there is refused', () => {
  const counters = Counters.of(Counters.create({ count: 3 }))
  for (const wrong of [-1, 3, 0.5, Number.NaN, 2 ** 32]) {
    assert.throws(() => counters.add(wrong, 1), RangeError)
    assert.throws(() => counters.read(wrong), RangeError)
  }
})

test.run()
