import { freemem } from 'node:os'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { move } from '../../lib/index.js'
import { giveBack } from '../fixtures/moves.js'
import { settles } from '../support/hang-limit.js'
import { withPool } from '../support/pools.js'

const GIB = 2 ** 30
const isRoomy = freemem() >= 8 * GIB
const SIZE = isRoomy ? GIB : GIB / 16
if (!isRoomy)
  console.log(`NO GIGABYTE, but 64 MiB: of memory ${(freemem() / GIB).toFixed(1)} GiB are free, and 8 are wanted`)

test('a gigabyte is moved to a worker and back, and is the same memory', async () => {
  await withPool({ threads: 1 }, async (pool) => {
    const bytes = new Uint8Array(SIZE)
    bytes[SIZE - 1] = 7
    const before = process.memoryUsage().external
    const call = pool.run(giveBack, [move(bytes)])
    assert.is(bytes.length, 0)
    const back = (await settles(call)) as Uint8Array
    assert.equal([back.byteLength, back[SIZE - 1]], [SIZE, 7])
    assert.ok(process.memoryUsage().external < before + SIZE / 2, 'it was copied')
  })
})

test.run()
