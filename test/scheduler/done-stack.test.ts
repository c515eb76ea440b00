import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { hasDone, pushDone, takeDone } from '../../lib/scheduler/index.js'
import { makeTeam } from './team.js'

test('a stack is empty at first', () => {
  const memory = makeTeam()
  const taken: number[] = []
  assert.equal([hasDone(memory, 1), takeDone(memory, 1, taken), taken], [false, 0, []])
})

test('all that was pushed is taken at once, oldest last', () => {
  const memory = makeTeam()
  const first = memory.slotsOf(1)
  for (const id of [first + 1, first, first + 5]) pushDone(memory, 1, id)
  assert.ok(hasDone(memory, 1))
  const taken: number[] = []
  assert.is(takeDone(memory, 1, taken), 3)
  assert.equal(taken, [first + 5, first, first + 1])
  assert.not(hasDone(memory, 1))
})

test('what was taken before stays in the list', () => {
  const memory = makeTeam()
  const taken = [99]
  pushDone(memory, 2, 30)
  takeDone(memory, 2, taken)
  pushDone(memory, 2, 31)
  assert.is(takeDone(memory, 2, taken), 1)
  assert.equal(taken, [99, 30, 31])
})

test('slot 0 is an id like any other', () => {
  const memory = makeTeam()
  pushDone(memory, 1, 0)
  const taken: number[] = []
  assert.equal([hasDone(memory, 1), takeDone(memory, 1, taken), taken], [true, 1, [0]])
})

test('a slot is pushed again after it was taken', () => {
  const memory = makeTeam()
  const taken: number[] = []
  for (let round = 0; round < 3; round++) {
    pushDone(memory, 1, 16)
    pushDone(memory, 1, 17)
    takeDone(memory, 1, taken)
  }
  assert.equal(taken, [17, 16, 17, 16, 17, 16])
})

test('each submitter has a stack of its own', () => {
  const memory = makeTeam()
  pushDone(memory, 1, 16)
  pushDone(memory, 3, 32)
  const taken: number[] = []
  assert.equal([takeDone(memory, 2, taken), takeDone(memory, 3, taken), taken], [0, 1, [32]])
  assert.ok(hasDone(memory, 1))
})

test.run()
