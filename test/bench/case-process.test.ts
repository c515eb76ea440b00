import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { runCase } from '../../bench/case-process.js'
import { POOLS, start } from '../../bench/contenders/index.js'
import { measureLimit } from '../../bench/limit.js'
import { sharedNow, work } from '../../bench/tasks/functions.js'

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

test('a Node that cannot be had is an error of its case', async () => {
  const report = await runCase('costs', { name: 'load', node: 99 as never }, EFFORT)
  assert.equal(report, { error: 'Node 99 is none of 20, 22, 24, 26' })
})

test('every contender runs every task', async () => {
  const isBrowserToNanothreads = 'navigator' in globalThis
  for (const name of [...POOLS, 'poolifier-queue', 'serial']) {
    if (name === 'nanothreads' && isBrowserToNanothreads) continue
    const pool = await start(name, 1)
    assert.is(await pool.run(7), 7, name)
    assert.equal(await pool.call('pass', { a: [1, 'b'] }), { a: [1, 'b'] }, name)
    assert.is(await pool.call('work', 3), work(3), name)
    const before = sharedNow()
    const at: number = await pool.call('stamp', 0)
    assert.ok(before <= at && at <= sharedNow(), name)
    await pool.close()
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
