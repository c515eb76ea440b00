import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { build, scenariosOf } from '../../fuzz/model/build.js'
import { applyEdit } from '../../fuzz/model/edits.js'
import { Explorer } from '../../fuzz/model/explorer.js'
import { decodeSchedule, encodeSchedule, tellSchedule } from '../../fuzz/model/trace.js'

// Does the checker find what it is there for? Each mistake is found, and its schedule shows it again.

const EXPECTED: Record<string, RegExp | undefined> = {
  'double run': /^it ran twice$/,
  'lost wake-up': /^deadlock: sleeper \(asleep\) cannot go on$/,
  'data race': /^data race on word 2: /,
  'both kinds of waiters': /^a word has sync and async waiters/,
  'a death that nobody mends': /^deadlock: follower \(asleep\) cannot go on$/,
  'no death': undefined,
  endless: /^no end after 5000 steps$/,
  livelock: /^livelock: /,
  'no livelock': undefined,
}

const sound = build()
const planted = (await scenariosOf(sound)).filter(({ tier }) => tier === 'planted')

for (const scenario of planted) {
  const expected = EXPECTED[scenario.name.replace('planted: ', '')]
  test(expected ? `${scenario.name} is found` : `${scenario.name} is sound`, () => {
    const { failure, schedule } = new Explorer(scenario, sound.sites, { states: 100_000, seconds: 60 }).explore()
    if (expected === undefined) {
      assert.is(failure, undefined)
      return
    }
    assert.match(failure ?? 'it was not found', expected)
    assert.equal(decodeSchedule(encodeSchedule(schedule)), schedule)
    if (!/race|no end|livelock/.test(failure as string))
      assert.is(tellSchedule(scenario, sound, schedule).at(-1), failure)
  })
}

test('every mistake is planted', () => assert.is(planted.length, Object.keys(EXPECTED).length))

test('an edit that has lost its place, or fits two, is refused', () => {
  const edit = { file: 'a.ts', from: 'x', to: 'y' }
  assert.is(applyEdit('a x b', edit), 'a y b')
  assert.throws(() => applyEdit('a b', edit), /holds 0 times/)
  assert.throws(() => applyEdit('x x', edit), /holds 2 times/)
})

test.run()
