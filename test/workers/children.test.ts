import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { DONE, FREE, packState, stateOf } from '../../lib/ring-buffer/index.js'
import { pushDone, STATE, TeamMemory } from '../../lib/scheduler/index.js'
import { Children } from '../../lib/workers/children.js'
import { Submissions } from '../../lib/workers/submissions.js'
import { Tally } from '../../lib/workers/tally.js'

const nothing = undefined as never

test('a successor without children takes the record of a child of its predecessor, and parks', () => {
  const memory = new TeamMemory({ workers: 2, hostSlots: 8, workerSlots: 4 }, undefined)
  const id = memory.slotsOf(1) + 2
  const offset = memory.slot(id) + STATE
  memory.words[offset] = packState(DONE, 2, 1) // owned: no other thread
  const unread: number[] = []
  const carrier = { releaseUnread: (slot: number) => unread.push(slot) } as never
  const slots = new Submissions(memory, 1, carrier, new Tally())
  const children = new Children(memory, 1, slots, nothing, nothing, nothing, nothing, nothing)
  children.tend()
  assert.not(children.hasNews())
  pushDone(memory, 1, id)
  assert.ok(children.hasNews())
  children.tend()
  assert.not(children.hasNews())
  assert.equal(unread, [id])
  assert.is(stateOf(memory.words[offset] as number), FREE)
})

test.run()
