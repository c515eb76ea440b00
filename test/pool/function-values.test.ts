import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { importTasks, parallel } from '../../lib/index.js'
import { applies, describes, doubled, gives } from '../fixtures/function-values.js'
import { square } from '../fixtures/squares.js'
import { newPool } from '../support/pools.js'

const pool = newPool({ threads: 2 })

test('a function of a module travels, and can be called in the task', async () => {
  assert.is(await pool.run(applies, [doubled, 21]), 42)
})

test('so does one of a module that the worker has not evaluated', async () => {
  await using own = newPool({ threads: 1 })
  assert.is(await own.run(applies, [square, 3]), 9)
})

test('so does an inline one, by its source text', async () => {
  const tripled = parallel((n: number) => 3 * n)
  assert.is(await pool.run(applies, [tripled, 5]), 15)
})

test('so does one of a module that the host does not evaluate', async () => {
  const remote = importTasks<typeof import('../fixtures/plain.js')>(new URL('../fixtures/plain.js', import.meta.url))
  assert.equal(await pool.run(describes, [remote.double]), ['function', 'double', 'double'])
})

test('its name and options come with it', async () => {
  assert.equal(await pool.run(describes, [doubled.with({ name: 'twice', priority: 2 })]), [
    'function',
    'doubled',
    'twice',
  ])
})

test('one that comes back can be called, and is one function wherever it stands', async () => {
  const back = (await pool.run(gives, [])) as { fn: typeof doubled; same: (typeof doubled)[] }
  assert.is(back.fn, back.same[0])
  assert.is(back.fn.local(4), 8)
  assert.is(await pool.run(back.fn, [4]), 8)
})

test.after(async () => {
  await pool.close()
})

test.run()
