import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Crew } from '../../fuzz/chaos/crew.js'
import { abandons, newLedger, usesBlocks } from '../../fuzz/chaos/tasks.js'
import { Pool } from '../../lib/index.js'
import { rejectionOf, settles, until } from '../support/hang-limit.js'

test('results that a dead parent has not read go back to the arena of who wrote them', async () => {
  const crew = new Crew({})
  const pool = new Pool({ threads: 2, workerData: newLedger(100), createWorker: crew.create })
  await pool.ready()
  for (let round = 0; round < 3; round++) {
    await until(() => pool.stats().idle === 2, 'both workers to sleep')
    const error = await rejectionOf(pool.run(abandons, [10 * round, 3, 5_000]))
    assert.is(error.code, 'ERR_PARALLEL_WORKER_LOST')
    await until(() => crew.unrest() === undefined, 'the pool to rest')
  }
  assert.equal(await settles(pool.broadcast(usesBlocks, [])), [0, 0])
  await pool.close()
})

test.run()
