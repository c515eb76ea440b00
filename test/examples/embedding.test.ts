// The examples for embedders: threads of their own paint what one thread paints, and a library stays on the pool that it was given.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Checksums } from '../../examples/embedding/checksums.js'
import { paintInThreads, print } from '../../examples/embedding/own-threads.js'
import { paint, SIZE, split, WHOLE } from '../../examples/embedding/tiles.js'
import { Pool } from '../../lib/index.js'

function paintHere(): Uint8Array {
  const pixels = new Uint8Array(SIZE * SIZE)
  const tiles = [WHOLE]
  for (let tile = tiles.pop(); tile !== undefined; tile = tiles.pop()) {
    const quarters = split(tile)
    if (quarters === undefined) paint(pixels, tile)
    else tiles.push(...quarters)
  }
  return pixels
}

test('threads paint what one thread paints, each tile once', async () => {
  const painting = await paintInThreads(3)
  assert.ok(painting.pixels.every((pixel, i) => pixel === expected[i]))
  assert.is(
    painting.tiles.reduce((sum, tiles) => sum + tiles, 0),
    256,
  )
  assert.is(painting.recovered, 0)
  assert.match(print(painting), '@@@@')
})

test('a thread that is killed in the middle costs nothing', async () => {
  const { pixels } = await paintInThreads(2, true)
  assert.ok(pixels.every((pixel, i) => pixel === expected[i]))
})

test('a library runs its tasks on the pool that it is given', async () => {
  const pool = new Pool({ threads: 2 })
  const sums = await new Checksums(pool).blocks(new Uint8Array(new SharedArrayBuffer(200_000)))
  assert.is(sums.length, 4)
  assert.is(new Set(sums.slice(0, 3)).size, 1)
  assert.is(pool.stats().completed, 4)
  await pool.close()
})

for (const [name, output] of [
  ['own-threads', /tiles by thread: \d+, \d+, \d+; recovered from the one that was killed: \d+\n$/],
  ['pool-from-caller', /^16 blocks, the first is [0-9a-f]+\n16 tasks ran on the pool "everything"\n$/],
] as const) {
  test(`${name} ends by itself and says what it did`, () => {
    const file = fileURLToPath(new URL(`../../examples/embedding/${name}.js`, import.meta.url))
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8', timeout: 60_000 })
    assert.is(status, 0, stderr)
    assert.match(stdout, output)
  })
}

const expected = paintHere()

test.run()
