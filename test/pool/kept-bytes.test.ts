// A thread at rest keeps no payload alive: the last one may be a gigabyte.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { failsWith, givesBack, isCollected, isLastCollected, sees } from '../fixtures/kept-bytes.js'
import { rejectionOf } from '../support/hang-limit.js'
import { newPool } from '../support/pools.js'

const pool = newPool({ threads: 1 })
const BYTES = 3 << 20

test('the arguments of the last task are not kept, here or there', async () => {
  const make = (): WeakRef<object> => new WeakRef(new Uint8Array(BYTES).buffer)
  const call = async (): Promise<WeakRef<object>> => {
    const bytes = new Uint8Array(BYTES)
    await pool.run(sees, [bytes])
    return new WeakRef(bytes.buffer)
  }
  assert.ok(await isCollected(make()), 'this test can tell')
  const ref = await call()
  assert.ok(await isCollected(ref), 'here')
  assert.ok(await pool.run(isLastCollected, []), 'there')
})

test('nor is its result', async () => {
  const call = async (): Promise<WeakRef<object>> => new WeakRef((await pool.run(givesBack, [])).buffer)
  const ref = await call()
  assert.ok(await pool.run(isLastCollected, []), 'there')
  assert.ok(await isCollected(ref), 'here')
})

test('nor is what it has thrown', async () => {
  const call = async (): Promise<WeakRef<object>> => {
    const { bytes } = await rejectionOf(pool.run(failsWith, []))
    return new WeakRef(bytes.buffer)
  }
  const ref = await call()
  assert.ok(await pool.run(isLastCollected, []), 'there')
  assert.ok(await isCollected(ref), 'here')
})

test('nor are arguments that were refused', async () => {
  const call = async (): Promise<WeakRef<object>> => {
    const bytes = new Uint8Array(BYTES)
    await rejectionOf(pool.run(sees, [bytes, () => {}]))
    return new WeakRef(bytes.buffer)
  }
  assert.ok(await isCollected(await call()))
})

test.after(async () => {
  await pool.close()
})

test.run()
