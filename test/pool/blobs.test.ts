// What a BroadcastChannel cannot carry goes through the host, and may come later than the news that a child is done.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { awaitsBlob, catchesBlob, getsBlob, getsSize } from '../fixtures/blobs.js'
import { newGate } from '../support/gate.js'
import { settles } from '../support/hang-limit.js'
import { newPool } from '../support/pools.js'

const pool = newPool({ threads: 2 })
const ROUNDS = 20

test('a parent gets a Blob of a child that another worker has run', async () => {
  for (let i = 0; i < ROUNDS; i++)
    assert.is(await settles(pool.run(getsBlob, [newGate(), 'x'.repeat(i)]), `round ${i}`), i)
})

test('a parent awaits a Blob of a child that another worker has run', async () => {
  for (let i = 0; i < ROUNDS; i++)
    assert.is(await settles(pool.run(awaitsBlob, [newGate(), `text ${i}`]), `round ${i}`), `text ${i}`)
})

test('a parent catches an error that has a Blob', async () => {
  for (let i = 0; i < ROUNDS; i++)
    assert.is(await settles(pool.run(catchesBlob, [newGate(), 'x'.repeat(i)]), `round ${i}`), i)
})

test('a child that another worker runs is given a Blob', async () => {
  for (let i = 0; i < ROUNDS; i++)
    assert.is(await settles(pool.run(getsSize, [newGate(), 'x'.repeat(i)]), `round ${i}`), i)
})

test('a host that waits for the parent on its stack passes Blobs on', () => {
  for (let i = 0; i < ROUNDS; i++) {
    assert.is(pool.run(getsBlob, [newGate(), 'x'.repeat(i)]).get(), i)
    assert.is(pool.run(getsSize, [newGate(), 'x'.repeat(i)]).get(), i)
  }
})

test.after(async () => {
  await pool.close()
})

test.run()
