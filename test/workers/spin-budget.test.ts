import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SpinBudget } from '../../lib/workers/spin-budget.js'

test('two polls in vain are made in full, and then only every sixteenth', () => {
  const budget = new SpinBudget(0.05)
  const polls: number[] = []
  for (let sleep = 0; sleep < 34; sleep++) {
    polls.push(budget.next())
    budget.missed()
  }
  const made = polls.map((ms, sleep) => (ms > 0 ? sleep : -1)).filter((sleep) => sleep >= 0)
  assert.equal(made, [0, 1, 16, 32])
  assert.ok(polls.every((ms) => ms === 0 || ms === 0.05))
})

test('one poll that pays brings back all of them', () => {
  const budget = new SpinBudget(0.05)
  for (let sleep = 0; sleep < 20; sleep++) budget.missed()
  assert.is(budget.next(), 0)
  budget.paid()
  for (let poll = 0; poll < 2; poll++) {
    assert.is(budget.next(), 0.05)
    budget.missed()
  }
})

test('long sleeps halve a poll, to an eighth at least, and what comes soon makes it whole', () => {
  const budget = new SpinBudget(0.08)
  const polls = [1, 2, 3, 4].map(() => {
    budget.idled()
    return budget.next()
  })
  assert.equal(polls, [0.04, 0.02, 0.01, 0.01])
  budget.missed()
  assert.is(budget.next(), 0.08)
})

test('who may not poll at all never does', () => {
  const budget = new SpinBudget(0)
  budget.paid()
  assert.is(budget.next(), 0)
  budget.missed()
  assert.is(budget.next(), 0)
})

test.run()
