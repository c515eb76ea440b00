import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { peek, poke } from '#atomics'
import { Doorbell } from '../../lib/ring-buffer/index.js'

const alive = setInterval(() => {}, 60_000) // waitAsync keeps no thread alive
test.after(() => clearInterval(alive))

const make = () => Doorbell.of(Doorbell.create({}))

test('a ring after prepare ends the wait at once', async () => {
  const bell = make()
  const seen = bell.prepare()
  bell.ring()
  assert.is(bell.commit(seen), 'rung')
  assert.is(await bell.commitAsync(seen), 'rung')
})

test('a ring before prepare is not heard', async () => {
  const bell = make()
  bell.ring()
  const seen = bell.prepare()
  assert.is(bell.commit(seen, 0), 'timed-out')
  assert.is(bell.commit(seen, 1), 'timed-out')
  assert.is(await bell.commitAsync(seen, 0), 'timed-out')
  assert.is(await bell.commitAsync(seen, 1), 'timed-out')
})

test('a ring without a waiter changes nothing, and costs no notify', () => {
  const words = new Int32Array(new SharedArrayBuffer(8))
  const bell = new Doorbell(words, 0)
  bell.ring()
  assert.is(peek(words, 0), 0)
  bell.prepare()
  bell.cancel()
  bell.ring() // this one clears the flag that cancel left
  const rung = peek(words, 0)
  bell.ring()
  assert.is(peek(words, 0), rung)
})

test('one ring is heard by all who prepared', () => {
  const bell = make()
  const seen = [bell.prepare(), bell.prepare()]
  bell.ring()
  assert.equal(
    seen.map((value) => bell.commit(value)),
    ['rung', 'rung'],
  )
})

test('a cancelled waiter takes no ring from another', () => {
  const bell = make()
  const seen = bell.prepare()
  bell.prepare()
  bell.cancel()
  bell.ring()
  assert.is(bell.commit(seen), 'rung')
})

test('a waiter that sleeps already is woken though another cancelled', async () => {
  const bell = make()
  const wait = bell.commitAsync(bell.prepare(), 60_000)
  bell.prepare()
  bell.cancel()
  bell.ring()
  assert.is(await wait, 'rung')
})

test('a ring ends the waits of all async waiters', async () => {
  const bell = make()
  const seen = bell.prepare()
  const waits = [bell.commitAsync(seen), bell.commitAsync(seen, 60_000)]
  bell.ring()
  assert.equal(await Promise.all(waits), ['rung', 'rung'])
})

test('rings are told apart when their count wraps', () => {
  const words = new Int32Array(new SharedArrayBuffer(8))
  const bell = new Doorbell(words, 0)
  poke(words, 0, 0x3ffffffe)
  const seen = bell.prepare()
  assert.is(seen, 0x3fffffff)
  bell.ring()
  assert.is(peek(words, 0), 0)
  assert.is(bell.commit(seen, 0), 'rung')
})

test.run()
