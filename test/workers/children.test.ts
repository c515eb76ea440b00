import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { DONE, ORPHAN, packState } from '../../lib/ring-buffer/index.js'
import { deathsWord, KINDS, PUSHING, pushDone, STATE, TeamMemory, takeDone } from '../../lib/scheduler/index.js'
import { Children } from '../../lib/workers/children.js'
import { ENCODED, RESULT_SHIFT } from '../../lib/workers/codec/kinds.js'
import { Submissions } from '../../lib/workers/submissions.js'
import { Tally } from '../../lib/workers/tally.js'

const nothing = undefined as never
const SELF = 1
const EXECUTOR = 2

/** The successor of worker 1, which died while worker 2 was about to push the completion of its child. */
function succeed() {
  const memory = new TeamMemory({ workers: 2, hostSlots: 8, workerSlots: 4 }, undefined)
  const id = memory.slotsOf(SELF) + 2
  const state = memory.slot(id) + STATE
  const pushing = memory.counters(EXECUTOR) + PUSHING
  memory.words[state] = packState(DONE, EXECUTOR, 1) // owned: no other thread
  memory.words[pushing] = id + 1
  const unread: number[] = []
  const carrier = { releaseUnread: (slot: number) => unread.push(slot), writeArguments: () => true } as never
  const slots = new Submissions(memory, SELF, carrier, new Tally())
  slots.inherit()
  const children = new Children(memory, SELF, slots, nothing, nothing, nothing, nothing, nothing)
  const rest = (): boolean => {
    children.tend()
    return !children.hasNews()
  }
  const place = (): number => slots.place({ definition: {}, band: 3, idempotent: false } as never, [], 7)
  return { memory, words: memory.words, id, state, pushing, unread, slots, children, rest, place }
}

test('a successor without children frees the slot of a predecessor’s child once its executor has pushed it, and parks', () => {
  const { memory, words, id, pushing, unread, children, rest } = succeed()
  assert.ok(rest())
  pushDone(memory, SELF, id)
  assert.ok(children.hasNews())
  assert.ok(rest())
  assert.equal(unread, [], 'the executor may still be in pushDone')
  words[pushing] = 0
  assert.ok(children.hasNews())
  assert.ok(rest())
  assert.equal(unread, [id])
  assert.is(takeDone(memory, SELF, []), 0)
})

test('the slot of a child that the predecessor had taken off its stack is free at once', () => {
  const { words, id, pushing, unread, children, rest } = succeed()
  words[pushing] = 0
  assert.ok(children.hasNews())
  assert.ok(rest())
  assert.equal(unread, [id])
})

test('the slot of a child whose executor dies before the push is free when that one is recovered', () => {
  const { memory, words, id, state, unread, children, rest } = succeed()
  words[state] = (words[state] as number) | ORPHAN
  words[deathsWord(memory, SELF)] = 2
  assert.ok(children.hasNews())
  assert.ok(rest())
  assert.equal(unread, [id])
})

test('a slot that an executor is about to push is given to nobody', () => {
  const { id, words, pushing, rest, place } = succeed()
  const placed = [place(), place(), place(), place()]
  assert.equal([...placed].sort(), [id - 2, id - 1, id + 1, -1].sort())
  words[pushing] = 0
  rest()
  assert.is(place(), id)
})

/** A child that worker 2 has run, and whose result names what has not come yet. */
function childOfThief() {
  const memory = new TeamMemory({ workers: 2, hostSlots: 8, workerSlots: 4 }, undefined)
  const { words } = memory
  const outcomes: unknown[] = []
  let hasCome = false
  const carrier = {
    writeArguments: () => true,
    releaseArguments: () => {},
    hasResult: () => hasCome,
    readResult: () => (hasCome ? 'result' : 'nothing'),
  }
  const slots = new Submissions(memory, SELF, carrier as never, new Tally())
  const children = new Children(memory, SELF, slots, nothing, nothing, nothing, nothing, nothing)
  const site = { definition: {}, band: 3, idempotent: false }
  const id = slots.place(site as never, [], 7)
  slots.adopt(id, { site, succeed: (value: unknown) => outcomes.push(value) } as never)
  const state = memory.slot(id) + STATE
  words[memory.slot(id) + KINDS] = ENCODED << RESULT_SHIFT // owned: no other thread
  words[state] = packState(DONE, EXECUTOR, 1)
  pushDone(memory, SELF, id)
  return { words, state, outcomes, children, come: () => (hasCome = true) }
}

test('a child whose result names what has not come is settled once it has, and its parent does not park before', () => {
  const { outcomes, children, come } = childOfThief()
  for (let i = 0; i < 3; i++) {
    children.tend()
    assert.equal(outcomes, [])
    assert.ok(children.hasNews())
  }
  come()
  children.tend()
  assert.equal(outcomes, ['result'])
  assert.not(children.hasNews())
})

test('what a dead executor has not announced will not come: the child is settled as it is', () => {
  const { words, state, outcomes, children } = childOfThief()
  children.tend()
  words[state] = (words[state] as number) | ORPHAN // owned: no other thread
  children.tend()
  assert.equal(outcomes, ['nothing'])
  assert.not(children.hasNews())
})

test.run()
