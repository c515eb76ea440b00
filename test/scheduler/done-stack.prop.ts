import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hasDone, pushDone, takeDone } from '../../lib/scheduler/index.js'
import { holds } from '../ring-buffer/property.js'
import { makeTeam } from './team.js'

const WORKERS = 3
const submitter = fc.integer({ min: 1, max: WORKERS })
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('push' as const), submitter, which: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('take' as const), submitter }) },
)

test('stacks give what arrays would', () => {
  holds(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const memory = makeTeam(WORKERS)
      const model = new Map<number, number[]>([1, 2, 3].map((worker) => [worker, []]))
      for (const given of steps) {
        const expected = model.get(given.submitter) as number[]
        if (given.kind === 'push') {
          const id = memory.slotsOf(given.submitter) + given.which
          if (expected.includes(id)) continue // a slot is done once until its submitter has taken it
          pushDone(memory, given.submitter, id)
          expected.unshift(id)
        } else {
          const taken: number[] = []
          assert.is(takeDone(memory, given.submitter, taken), expected.length)
          assert.equal(taken, expected.splice(0))
        }
        for (const [worker, list] of model) assert.is(hasDone(memory, worker), list.length > 0)
      }
    }),
  )
})

test.run()
