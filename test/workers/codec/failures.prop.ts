import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { snapshotFailure } from '../../../lib/workers/codec/failures.js'
import { restored } from '../../../lib/workers/codec/payload.js'
import { holds } from '../../ring-buffer/property.js'
import { anyFailure } from '../../support/arbitrary-values.js'
import { difference } from '../../support/same-graph.js'

const travel = (thrown: unknown): any => restored(snapshotFailure(thrown, 'task'))

test('what was thrown arrives with all that its errors have, and with the same references', () => {
  holds(
    fc.property(anyFailure, (thrown) => {
      assert.is(difference(withoutErrors(travel(thrown)), withoutErrors(thrown)), undefined)
    }),
  )
})

/** The same graph with plain objects in place of errors, for `difference` looks at what structured clone keeps of one. */
function withoutErrors(thrown: any): unknown {
  const { errors, cause, message, stack, ...rest } = thrown
  return {
    list: Object.getOwnPropertyNames(thrown).sort(),
    errors,
    cause: { ...cause },
    up: cause.up,
    message,
    stack,
    rest,
  }
}

test.run()
