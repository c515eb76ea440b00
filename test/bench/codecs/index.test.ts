import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runCase } from '../../../bench/case-process.js'
import { CODECS, loadCodec } from '../../../bench/codecs/index.js'

const EFFORT = 0.01 // whether it measures, not what
const LIMITS = 4 // figures that every case has besides

test('every codec gives back what it was given, as a copy', async () => {
  const value = { a: 1, b: ['two', -0.5], c: { d: null } }
  for (const name of CODECS) {
    const pass = await loadCodec(name)
    for (let i = 0; i < 3; i++) {
      const back = pass(value)
      assert.equal(back, value, name)
      assert.is.not(back, value, name)
    }
  }
})

test('a codec passes every value, and JSON those that it has', async () => {
  for (const [name, count] of [
    ['makeparallel', 11],
    ['json', 9],
  ] as const) {
    const report = await runCase('codec', { name }, EFFORT)
    assert.ok('figures' in report, JSON.stringify(report))
    const us = Object.values(report.figures).slice(0, -LIMITS)
    assert.is(us.length, count, name)
    assert.ok(
      us.every((figure) => figure > 0),
      name,
    )
  }
})

test('a codec that there is not is an error', () => {
  assert.throws(() => loadCodec('smoke'), /there is no codec smoke/)
})

test.run()
