import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Latch } from '../../lib/ring-buffer/index.js'

const alive = setInterval(() => {}, 60_000) // waitAsync keeps no thread alive
test.after(() => clearInterval(alive))

const make = () => Latch.of(Latch.create({}))

test('a latch is clear until it is set, for good', () => {
  const latch = make()
  assert.not(latch.probe())
  latch.set()
  latch.set()
  assert.ok(latch.probe())
})

test('all who hold the region see it', () => {
  const region = Latch.create({})
  Latch.of(region).set()
  assert.ok(Latch.of(structuredClone(region)).probe())
})

test('a wait for a set latch returns at once', () => {
  const latch = make()
  latch.set()
  assert.is(latch.wait(), true)
  assert.is(latch.wait(0), true)
  assert.is(latch.waitAsync(), true)
})

test('a wait ends at its time-out, and the latch still works', async () => {
  const latch = make()
  assert.is(latch.wait(1), false)
  assert.is(latch.wait(0), false)
  assert.is(await latch.waitAsync(1), false)
  assert.is(await latch.waitAsync(0), false)
  latch.set()
  assert.is(latch.wait(), true)
})

test('set lets all async waiters through', async () => {
  const latch = make()
  const waiters = Promise.all([latch.waitAsync(), latch.waitAsync(), latch.waitAsync(60_000)])
  latch.set()
  assert.equal(await waiters, [true, true, true])
})

test.run()
