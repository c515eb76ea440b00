import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { advance, distance, INDEX_MASK } from '../../lib/ring-buffer/index.js'
import { holds, startIndex } from './property.js'

test('distance undoes advance over the wrap, forwards and backwards', () => {
  const step = fc.integer({ min: -(2 ** 29), max: 2 ** 29 - 1 })
  holds(
    fc.property(startIndex, step, (index, by) => {
      const moved = advance(index, by)
      assert.ok(moved >= 0 && moved <= INDEX_MASK)
      assert.is(distance(moved, index), by)
    }),
  )
})

test.run()
