import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { OptionError, type Pool, type PoolOptions, WorkerStartError } from '../../lib/index.js'
import { missing } from '../fixtures/absent.js'
import { add, asyncEcho } from '../fixtures/basic.js'
import {
  closeAsync,
  closeFailing,
  closeFamily,
  closeNever,
  closeSync,
  getState,
  Marks,
  onThisThread,
  openAsync,
  openAtGate,
  openFailing,
  openFamily,
  openNever,
  openOnce,
  openOnlyFirst,
  openSync,
  setState,
} from '../fixtures/everywhere.js'
import { holdAsync } from '../fixtures/gates.js'
import { arrivals, newGate, openGate } from '../support/gate.js'
import { rejectionOf, settles, thrownBy, until } from '../support/hang-limit.js'
import { newPool, onHost, threaded, withPool } from '../support/pools.js'

/** Lends a pool, and the counts of what its setups and teardowns have done. */
async function withMarks(options: PoolOptions, body: (pool: Pool, marks: Marks) => Promise<void>): Promise<void> {
  if (onHost) {
    onThisThread.words.fill(0)
    await setState.local('new')
  }
  const marks = onHost ? onThisThread : new Marks()
  await withPool({ ...options, workerData: marks.words }, (pool) => body(pool, marks))
}

/** A failure that says why no worker can start. */
function assertCannotStart(error: unknown, why: RegExp): void {
  assert.instance(error, WorkerStartError)
  assert.match((error as Error).message, why)
}

// ---- setup

for (const setup of [openSync, openAsync]) {
  test(`${setup.taskName} runs once in each worker, before its first task`, () =>
    withMarks({ threads: 2, setup }, async (pool, marks) => {
      const states = await Promise.all(Array.from({ length: 40 }, () => pool.run(getState, [])))
      assert.equal(new Set(states), new Set(['open']))
      await pool.ready()
      assert.is(marks.setups, onHost ? 1 : 2)
      await pool.run(getState, [])
      assert.is(marks.setups, onHost ? 1 : 2)
    }))
}

test('a call waits for the setup', () =>
  withMarks({ threads: 1, setup: openAtGate }, async (pool, marks) => {
    const ready = pool.ready()
    const handle = pool.run(getState, [])
    await arrivals(marks.gate, 1)
    assert.is(handle.state, 'queued')
    openGate(marks.gate)
    assert.is(await handle, 'open')
    await settles(ready, 'ready()')
  }))

test('get waits for a setup that needs no event loop', () =>
  withMarks({ threads: 1, setup: openSync }, async (pool) => {
    assert.is(pool.run(getState, []).get(), 'open')
  }))

test('a setup may call tasks, by await and by get', () =>
  withMarks({ threads: 1, setup: openFamily }, async (pool) => {
    assert.is(await pool.run(getState, []), 'open 18')
  }))

test('a setup that throws is a WorkerStartError for what waits, for ready() and for the error event', () =>
  withMarks({ threads: 1, setup: openFailing }, async (pool, marks) => {
    const errors: unknown[] = []
    pool.on('error', (error) => errors.push(error))
    const handles = [pool.run(add, [1, 2]), pool.run(asyncEcho, ['x'])]
    const ready = pool.ready()
    for (const promise of [...handles, ready])
      assertCannotStart(await rejectionOf(promise), /setup failed: no database/)
    assert.is(marks.setups, onHost ? 1 : 3, 'a few tries')
    assert.is(errors.length, 1)
    assertCannotStart(errors[0], /no database/)
    const again = await rejectionOf(pool.run(add, [1, 2]))
    assertCannotStart(again, /no database/)
    assert.is(marks.setups, onHost ? 2 : 6, 'a new call tries again')
    assert.is(pool.stats().queued, 0)
  }))

test('a setup that fails once is tried again', () =>
  withMarks({ threads: 1, setup: openOnce }, async (pool, marks) => {
    if (onHost) assertCannotStart(await rejectionOf(pool.run(add, [1, 2])), /no luck/)
    assert.is(await pool.run(getState, []), 'open')
    assert.is(marks.setups, 2)
  }))

test('a setup that never settles fails after loadTimeout', () =>
  withMarks({ threads: 1, setup: openNever, loadTimeout: 1_500 }, async (pool) => {
    const error = await rejectionOf(pool.run(add, [1, 2]))
    assertCannotStart(error, /setup failed: it did not finish within .*1500 ms/)
  }))

threaded('a worker lacks it')('a setup that the worker does not have is a WorkerStartError that says so', () =>
  withMarks({ threads: 1, setup: missing as never }, async (pool) => {
    assertCannotStart(await rejectionOf(pool.run(add, [1, 2])), /defines no task "missing"/)
  }),
)

threaded('one worker of several')(
  'a setup that fails in a further worker leaves the others at work, and does not try for ever',
  () =>
    withMarks({ minThreads: 1, maxThreads: 2, setup: openOnlyFirst }, async (pool, marks) => {
      const errors: unknown[] = []
      pool.on('error', (error) => errors.push(error))
      assert.is(await pool.run(getState, []), 'open')
      pool.resize({ threads: 2 })
      await until(() => errors.length === 1, 'the error')
      assertCannotStart(errors[0], /the others have no luck/)
      assert.is(marks.setups, 4, 'a few tries')
      const values = await Promise.all(Array.from({ length: 200 }, (_, i) => pool.run(add, [i, 1])))
      assert.ok(values.every((value, i) => value === i + 1))
    }),
)

test('close during a setup that never settles ends in time', async () => {
  const marks = onHost ? onThisThread : new Marks()
  marks.words.fill(0)
  const pool = newPool({ threads: 1, setup: openNever, workerData: marks.words })
  const handle = pool.run(add, [1, 2])
  await until(() => marks.setups === 1, 'the setup')
  const report = await settles(pool.close({ timeout: 20 }), 'close()')
  assert.is(report.clean, false)
  assert.is(report.cancelled + report.terminated, 1)
  assert.is((await rejectionOf(handle)).code, 'ERR_PARALLEL_SHUTDOWN')
})

test('a pool that is closed before its first call runs neither setup nor teardown', () =>
  withMarks({ threads: 1, setup: openSync, teardown: closeSync }, async (pool, marks) => {
    await pool.close()
    assert.equal([marks.setups, marks.teardowns], [0, 0])
  }))

// ---- teardown

for (const teardown of [closeSync, closeAsync, closeFamily]) {
  test(`${teardown.taskName} runs in each worker, after its last task, when the pool closes`, () =>
    withMarks({ threads: 2, setup: openSync, teardown }, async (pool, marks) => {
      await pool.ready()
      const handles = Array.from({ length: 20 }, () => pool.run(getState, []))
      const report = await settles(pool.close(), 'close()')
      assert.is(report.clean, true)
      assert.equal(new Set(await Promise.all(handles)), new Set(['open']))
      assert.is(marks.teardowns, onHost ? 1 : 2)
      assert.is(pool.stats().threads, 0)
    }))
}

test('a teardown that throws is an error of the pool, and the pool is closed', () =>
  withMarks({ threads: 1, teardown: closeFailing }, async (pool, marks) => {
    const errors: unknown[] = []
    pool.on('error', (error) => errors.push(error))
    await pool.run(add, [1, 2])
    assert.is((await settles(pool.close(), 'close()')).clean, true)
    assert.is(marks.teardowns, 1)
    assert.is(errors.length, 1)
    assert.instance(errors[0], RangeError)
    assert.match((errors[0] as Error).message, /the file is gone/)
  }))

test('a teardown that never settles does not keep close from ending in time', () =>
  withMarks({ threads: 2, teardown: closeNever }, async (pool, marks) => {
    await pool.ready()
    await pool.run(add, [1, 2])
    const report = await settles(pool.close({ timeout: 2_000 }), 'close()')
    assert.is(report.clean, true, 'all calls had settled')
    assert.is(marks.teardowns, onHost ? 1 : 2)
    assert.is(pool.stats().threads, 0)
  }))

test('a teardown that never settles ends after loadTimeout, as an error of the pool', () =>
  withMarks({ threads: 1, teardown: closeNever, loadTimeout: 1_500 }, async (pool) => {
    const errors: unknown[] = []
    pool.on('error', (error) => errors.push(error))
    await pool.run(add, [1, 2])
    await settles(pool.close(), 'close()')
    assert.is(errors.length, 1)
    assert.match((errors[0] as Error).message, /did not finish within .*1500 ms/)
  }))

test('close by force runs no teardown', async () => {
  await withMarks({ threads: 1, teardown: closeSync }, async (pool, marks) => {
    const gate = newGate()
    const held = pool.run(holdAsync, [gate])
    held.onError(() => {})
    await arrivals(gate, 1)
    assert.is((await settles(pool.close({ timeout: 0 }), 'close()')).terminated, 1)
    assert.is(marks.teardowns, 0)
  })
})

threaded('workers leave')('a worker that leaves by resize or idleTimeout runs its teardown', () =>
  withMarks({ minThreads: 3, maxThreads: 3, idleTimeout: 10, teardown: closeAsync }, async (pool, marks) => {
    await pool.ready()
    pool.resize({ threads: 2 })
    await until(() => marks.teardowns === 1, 'the teardown of the one that was too much')
    pool.resize({ minThreads: 1 })
    await until(() => marks.teardowns === 2, 'the teardown of the one that was idle')
    await until(() => pool.stats().idle === 1 && pool.stats().threads === 1, 'one worker')
    assert.is(await pool.run(add, [1, 2]), 3)
  }),
)

threaded('workers leave')('workers whose teardown never settles do not use up the places of others', () =>
  withMarks(
    { minThreads: 0, maxThreads: 1, teardown: closeNever, loadTimeout: 1_500, idleTimeout: 10 },
    async (pool, marks) => {
      for (let round = 1; round <= 12; round++) {
        assert.is(await pool.run(add, [round, 1]), round + 1)
        await until(() => marks.teardowns === round, `teardown ${round}`)
      }
    },
  ),
)

threaded('a worker dies')('a teardown that throws while the worker leaves is an error of the pool', () =>
  withMarks({ threads: 2, teardown: closeFailing }, async (pool) => {
    const errors: unknown[] = []
    pool.on('error', (error) => errors.push(error))
    await pool.ready()
    pool.resize({ threads: 1 })
    await until(() => errors.length === 1, 'the error')
    assert.match((errors[0] as Error).message, /the file is gone/)
    assert.is(await pool.run(add, [1, 2]), 3)
  }),
)

// ---- options

test('setup and teardown take nothing but parallel functions', () => {
  for (const key of ['setup', 'teardown']) {
    for (const value of [() => {}, 'open', null, 5]) {
      const error = thrownBy(() => newPool({ [key]: value }))
      assert.instance(error, OptionError)
      assert.match(error.message, new RegExp(`Pool: ${key} needs a function that parallel\\(\\) made, not`))
    }
  }
})

test.run()
