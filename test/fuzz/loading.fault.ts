import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { store } from '#atomics'
import { Crew } from '../../fuzz/chaos/crew.js'
import { loads } from '../../fuzz/chaos/doomed.js'
import { DOOMED_LOAD, newLedger } from '../../fuzz/chaos/tasks.js'
import { Pool } from '../../lib/index.js'
import { rejectionOf, settles } from '../support/hang-limit.js'

// Workers that die while they load a task's module: the function has not been entered, so the task is as good as new.

test('a task whose worker died while it loaded the module is run by another', async () => {
  const ledger = newLedger(10)
  const crew = new Crew({})
  const pool = new Pool({ threads: 1, workerData: ledger, createWorker: crew.create })
  store(ledger.doomed, DOOMED_LOAD, 2)
  const handle = pool.run(loads, [3])
  assert.is(await settles(handle), 3)
  assert.is(handle.attempt, 3)
  assert.is(ledger.starts[3], 1)
  await pool.close()
})

test('a module that kills each of its workers is given up after three', async () => {
  const ledger = newLedger(10)
  const crew = new Crew({})
  const pool = new Pool({ threads: 1, workerData: ledger, createWorker: crew.create })
  store(ledger.doomed, DOOMED_LOAD, 9)
  const handle = pool.run(loads, [3])
  assert.is((await rejectionOf(handle)).code, 'ERR_PARALLEL_WORKER_LOST')
  assert.is(handle.attempt, 3)
  assert.is(ledger.doomed[DOOMED_LOAD], 6)
  assert.is(ledger.starts[3], 0)
  await pool.close()
})

test.run()
