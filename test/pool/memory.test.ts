// What a flood of payloads leaves behind. Each limit is held against a leak, too: it is seen, so the flood would be.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Pool, sharedArray } from '../../lib/index.js'
import { echo } from '../fixtures/basic.js'
import { forgets, hoards, returnsHoarded } from '../fixtures/hoard.js'
import { addTo, makes } from '../fixtures/shared-arrays.js'
import { grownMiB } from '../support/held-memory.js'

const MIB = 1 << 20

async function times(count: number, act: (i: number) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i++) await act(i)
}

const pool = new Pool({ threads: 2 })

test.after(async () => {
  await pool.close()
})

// ---- large payloads, one after another: 60 rounds move more than 800 MiB

const PILE_MIB = 100
const bytes = new Uint8Array(4 * MIB)
/** Half of what the flood moves, for buffers that are used again may be given up meanwhile. */
const LEAKED = 100

test('large payloads one after another do not pile up', async () => {
  const round = async (): Promise<void> => {
    await pool.run(echo, [bytes])
    await pool.run(echo, ['y'.repeat(3 * MIB)])
  }
  await times(10, round)
  const grown = await grownMiB(pool, () => times(60, round), PILE_MIB)
  assert.ok(grown < PILE_MIB, `grown by ${grown} MiB`)
})

for (const [name, leak] of [
  ['their arguments', () => pool.run(hoards, [bytes])],
  ['their results', () => pool.run(returnsHoarded, [4 * MIB])],
] as const) {
  test(`tasks that keep ${name} are seen to pile up`, async () => {
    const grown = await grownMiB(pool, () => times(LEAKED, leak), PILE_MIB)
    await pool.broadcast(forgets, [])
    assert.ok(grown >= PILE_MIB, `grown by ${grown} MiB`)
  })
}

test('results that the caller keeps are seen to pile up', async () => {
  const kept: unknown[] = []
  const round = async (): Promise<unknown> => kept.push(await pool.run(echo, [bytes]))
  const grown = await grownMiB(pool, () => times(LEAKED, round), PILE_MIB)
  assert.ok(grown >= PILE_MIB && kept.length === LEAKED, `grown by ${grown} MiB`)
})

// ---- blocks of the arena: each round would fill half of one

test('a flood that fits into the arena takes no memory beside it', async () => {
  const block = new Uint8Array(MIB / 2)
  const flood = (): Promise<unknown> => Promise.all(Array.from({ length: 64 }, () => pool.run(echo, [block])))
  await times(3, flood)
  const grown = await grownMiB(pool, () => times(20, flood), PILE_MIB)
  assert.ok(grown < PILE_MIB, `grown by ${grown} MiB`)
})

// ---- shared buffers: 625 MiB of them

const SHARED_MIB = 60
async function passBuffers(see: (made: readonly Int32Array[]) => void): Promise<number> {
  const round = async (i: number): Promise<void> => {
    const made = Array.from({ length: 200 }, () => sharedArray(Int32Array, 16_384))
    see(made)
    await Promise.all(made.map((array) => pool.run(addTo, [array, 0])))
    if (i % 10 === 9) await pool.run(makes, [16_384, 1])
  }
  return grownMiB(pool, () => times(50, round), SHARED_MIB)
}

test('10,000 buffers are released when their caller lets go of them, in the workers too', async () => {
  const grown = await passBuffers(() => {})
  assert.ok(grown < SHARED_MIB, `grown by ${grown} MiB`)
})

test('buffers that their caller keeps are seen to be held', async () => {
  const kept: Int32Array[] = []
  const grown = await passBuffers((made) => kept.push(...made))
  assert.ok(grown >= SHARED_MIB && kept.length === 10_000, `grown by ${grown} MiB`)
})

test.run()
