import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { restored, snapshot } from '../../../lib/workers/codec/payload.js'
import { holds } from '../../ring-buffer/property.js'
import { anyCloneable, anyText } from '../../support/arbitrary-values.js'
import { difference } from '../../support/same-graph.js'

const travel = (value: unknown): unknown => restored(snapshot(value, 'args', 'task'))

test('a value that was encoded and decoded is what structuredClone gives, references included', () => {
  holds(
    fc.property(anyCloneable, (value) => void assert.is(difference(travel(value), structuredClone(value)), undefined)),
  )
})

test('so are records alike, which have a constructor after a while', () => {
  const record = fc.record({ id: fc.integer(), name: anyText, tags: fc.array(anyText), at: anyCloneable })
  const records = fc.array(record, { minLength: 40, maxLength: 60 })
  holds(fc.property(records, (value) => void assert.is(difference(travel(value), structuredClone(value)), undefined)))
})

test('two values in a row do not touch', () => {
  holds(
    fc.property(anyCloneable, anyCloneable, (a, b) => {
      const first = snapshot(a, 'args', 'task')
      const second = snapshot(b, 'args', 'task')
      assert.is(difference(restored(second), structuredClone(b)), undefined)
      assert.is(difference(restored(first), structuredClone(a)), undefined)
    }),
  )
})

test.run()
