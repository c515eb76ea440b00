import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runCase } from '../../bench/case-process.js'
import { measureLimit } from '../../bench/limit.js'

const EFFORT = 0.01 // whether it measures, not what

test('a case reports its figures between two measurements of the limit', async () => {
  const report = await runCase('costs', { name: 'load' }, EFFORT)
  assert.ok('figures' in report, JSON.stringify(report))
  assert.ok(report.figures.p50Ns! > 0)
  assert.equal(Object.keys(report.figures).slice(-4), ['limitUs', 'limitBeforeUs', 'limitAfterUs', 'stolenPercent'])
})

test('every contender answers a call of each task that it is asked for', async () => {
  for (const name of [
    'makeparallel',
    'piscina',
    'tinypool',
    'workerpool',
    'poolifier',
    'nanothreads',
    'post-message',
  ]) {
    const report = await runCase('two-workers', { name: `${name}-1` }, EFFORT)
    assert.ok('figures' in report && report.figures.workPerS! > 0, `${name}: ${JSON.stringify(report)}`)
  }
})

test('what cannot be measured is an error of its case, and nothing hangs', async () => {
  const report = await runCase('costs', { name: 'no-such-case' }, EFFORT)
  assert.ok('error' in report)
  assert.match(report.error, /costs has no case no-such-case/)
})

test('the limit is below what a shared core would take, or not a number', async () => {
  const { us, stolenPercent } = await measureLimit(5)
  assert.ok(Number.isNaN(us) || (us > 0.01 && us < 20), String(us))
  assert.ok(stolenPercent >= 0 && stolenPercent <= 100, String(stolenPercent))
})

test.run()
