import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Counters } from '../../lib/ring-buffer/index.js'
import { holds } from './property.js'

test('counters do what numbers do, modulo 2^32', () => {
  const step = fc.record({ index: fc.nat(4), by: fc.integer() })
  holds(
    fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
      const counters = Counters.of(Counters.create({ count: 5 }))
      const model = [0, 0, 0, 0, 0]
      for (const { index, by } of steps) {
        counters.add(index, by)
        model[index] = ((model[index] as number) + by) | 0
      }
      assert.equal(
        model.map((_, index) => counters.read(index)),
        model,
      )
    }),
  )
})

test.run()
