import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { OptionError, PayloadError, type Pool, parallel, ShutdownError, WorkerLostError } from '../../lib/index.js'
import { add, echo, who } from '../fixtures/basic.js'
import { broadcasts } from '../fixtures/broadcasts.js'
import {
  dieIn,
  endless,
  failIn,
  getState,
  Marks,
  onThisThread,
  openAtGate,
  openFailing,
  setState,
  setStateAtGate,
  swap,
} from '../fixtures/everywhere.js'
import { hold, meet } from '../fixtures/gates.js'
import { arrivals, newGate, openGate } from '../support/gate.js'
import { rejectionOf, settles, thrownBy, until } from '../support/hang-limit.js'
import { newPool, onHost, threaded, withPool } from '../support/pools.js'

/** As many workers run as the pool may have. */
async function started(pool: Pool, threads: number): Promise<Pool> {
  if (onHost) return pool
  pool.resize({ threads })
  await pool.ready()
  await until(() => pool.stats().idle === threads, `${threads} workers`)
  return pool
}

test('a broadcast runs once in each worker, and gives the results by worker', () =>
  withPool({ threads: 3 }, async (pool) => {
    await started(pool, 3)
    assert.equal(await pool.broadcast(who, []), onHost ? [undefined] : [1, 2, 3])
    const runs = new Int32Array(new SharedArrayBuffer(4))
    const results = await pool.broadcast(swap, [runs, { deep: ['value', 5n] }])
    assert.is(runs[0], onHost ? 1 : 3)
    for (const [, value] of results) assert.equal(value, { deep: ['value', 5n] })
  }))

test('what a broadcast has left behind is there for tasks and for the next broadcast', () =>
  withPool({ threads: 2 }, async (pool) => {
    await started(pool, 2)
    await pool.broadcast(setState, ['first'])
    assert.equal(new Set(await pool.broadcast(setState, ['second'])), new Set(['first']))
    for (let i = 0; i < 20; i++) assert.is(await pool.run(getState, []), 'second')
  }))

test('a broadcast starts a worker where there is none', () =>
  withPool({ minThreads: 0, maxThreads: 3 }, async (pool) => {
    assert.equal(await pool.broadcast(add, [1, 2]), [3])
    assert.is(pool.stats().threads, onHost ? 0 : 1)
  }))

test('a broadcast takes inline functions, and a function that is made after the workers started', () =>
  withPool({ threads: 2 }, async (pool) => {
    await started(pool, 2)
    const fresh = parallel((x: number) => x * 7)
    assert.equal(new Set(await pool.broadcast(fresh, [6])), new Set([42]))
  }))

test('a broadcast does not start before the call returns, and takes its arguments at the call', async () => {
  await withPool({ threads: 1 }, async (pool) => {
    const list = [1]
    const handle = pool.broadcast(echo, [list])
    assert.not(handle.isSettled)
    list.push(2)
    assert.equal(await handle, [[1]])
  })
})

test('a broadcast runs beside what is queued and does not wait for it', () =>
  withPool({ threads: 1, concurrentTasksPerWorker: 1 }, async (pool) => {
    const gate = newGate()
    const blocking = pool.run(endless, [gate])
    blocking.onError(() => {})
    await arrivals(gate, 1)
    const queued = pool.run(add, [1, 2])
    assert.equal(await pool.broadcast(add, [3, 4]), [7])
    assert.is(queued.state, 'queued')
    queued.cancel()
  }))

test('get gives the results of a broadcast to a blocked host', () =>
  withPool({ threads: 2 }, async (pool) => {
    await started(pool, 2)
    assert.equal(pool.broadcast(add, [1, 2]).get(10_000), onHost ? [3] : [3, 3])
    const error = thrownBy(() => pool.broadcast(failIn, [onHost ? undefined : 2]).get(10_000))
    assert.instance(error, RangeError)
    assert.equal(await pool.broadcast(add, [1, 2]), onHost ? [3] : [3, 3])
  }))

threaded('workers boot')('get gives the results of a broadcast also from workers that boot', () =>
  withPool({ threads: 2 }, (pool) => {
    const results = pool.broadcast(who, []).get(15_000)
    assert.equal(results, [1, 2])
  }),
)

test('a broadcast rejects with the first failure, and the others go on', () =>
  withPool({ threads: 2 }, async (pool) => {
    await started(pool, 2)
    const error = await rejectionOf(pool.broadcast(failIn, [onHost ? undefined : 2]))
    assert.instance(error, RangeError)
    assert.match(error.message, /will not/)
    assert.is(await pool.run(add, [1, 2]), 3)
    assert.is(pool.stats().respawns, 0)
    assert.is(pool.stats().failed, 0, 'no call of the queues')
  }))

test('what cannot travel is a PayloadError with its path, as argument and as result', () =>
  withPool({ threads: 1 }, async (pool) => {
    const argument = await rejectionOf(pool.broadcast(echo, [{ on: () => {} }]))
    assert.instance(argument, PayloadError)
    assert.match(argument.message, /args\[0\]\.on/)
    const result = await rejectionOf(
      pool.broadcast(
        parallel(() => ({ off: () => {} })),
        [],
      ),
    )
    assert.instance(result, PayloadError)
    assert.match(result.message, /the result\.off/)
  }))

test('a broadcast takes nothing but parallel functions, an array and options', () =>
  withPool({ threads: 1 }, (pool) => {
    const wrong: [() => unknown, RegExp][] = [
      [() => pool.broadcast((() => 1) as never, []), /pool\.broadcast needs a function that parallel\(\) made/],
      [() => pool.broadcast(add, 5 as never), /args must be an array, not 5/],
      [() => pool.broadcast(add, [1, 2], { priority: 7 } as never), /priority must be an integer from -3 to 3, not 7/],
      [() => pool.broadcast(add, [1, 2], { pool } as never), /there is no option "pool"/],
    ]
    for (const [act, message] of wrong) {
      const error = thrownBy(act)
      assert.instance(error, OptionError)
      assert.match(error.message, message)
    }
  }))

test('the handle of a broadcast knows its task, runs at once and cannot be cancelled', () =>
  withPool({ threads: 1 }, async (pool) => {
    const handle = pool.broadcast(add.with({ metadata: { why: 'test' } }), [1, 2], { name: 'everywhere' })
    assert.is(handle.name, 'everywhere')
    assert.equal(handle.metadata, { why: 'test' })
    assert.is(handle.state, 'running')
    assert.not(handle.cancel())
    assert.equal(await handle, [3])
    assert.is(handle.state, 'ok')
    const { totalMs } = handle.timing
    assert.ok(totalMs >= 0)
    await new Promise((resolve) => setImmediate(resolve))
    assert.is(handle.timing.totalMs, totalMs, 'it stands still afterwards')
  }))

test('a broadcast in a task is refused', () =>
  withPool({ threads: 1 }, async (pool) => {
    const tries = await pool.run(broadcasts, [])
    assert.is(tries, 'ERR_PARALLEL_OPTION')
  }))

// ---- setup

test('a broadcast comes after the setup, also of a worker that boots', async () => {
  const marks = new Marks()
  await withPool({ threads: 2, setup: openAtGate, workerData: marks.words }, async (pool) => {
    const handle = pool.broadcast(setState, ['broadcast'])
    const gate = onHost ? onThisThread.gate : marks.gate
    await arrivals(gate, onHost ? 1 : 2)
    assert.not(handle.isSettled)
    openGate(gate)
    assert.equal(new Set(await settles(handle)), new Set(['open']))
  })
})

test('a broadcast rejects when no worker can start', () =>
  withPool({ threads: 1, setup: openFailing, workerData: new Marks().words }, async (pool) => {
    const error = await rejectionOf(pool.broadcast(add, [1, 2]))
    assert.is(error.code, 'ERR_PARALLEL_WORKER_START')
    assert.match(error.message, /no database/)
  }))

// ---- workers that come and go

threaded('workers die')('a worker that dies of a broadcast is a WorkerLostError, and the pool goes on', () =>
  withPool({ threads: 2 }, async (pool) => {
    await started(pool, 2)
    const error = await rejectionOf(pool.broadcast(dieIn, [newGate(), 1]))
    assert.instance(error, WorkerLostError)
    assert.is(error.exitCode, 5)
    await until(() => pool.stats().idle === 2, 'the replacement')
    assert.equal(await pool.broadcast(add, [1, 2]), [3, 3])
  }),
)

threaded('workers die')('an idempotent broadcast runs in the replacement of a worker that died', () =>
  withPool({ threads: 2 }, async (pool) => {
    await started(pool, 2)
    const gate = newGate()
    assert.equal(await pool.broadcast(dieIn, [gate, 2], { idempotent: true }), [1, 2])
    assert.is(Atomics.load(gate, 0), 4)
  }),
)

threaded('workers die')('an idempotent broadcast is repeated also where no thread has to stay', () =>
  withPool({ minThreads: 0, maxThreads: 2 }, async (pool) => {
    assert.equal(await pool.broadcast(dieIn, [newGate(), 1], { idempotent: true }), [1])
  }),
)

threaded('workers die')('a blocked host hears of the death of a worker in a broadcast', () =>
  withPool({ threads: 1 }, async (pool) => {
    await started(pool, 1)
    const error = thrownBy(() => pool.broadcast(dieIn, [newGate(), 1]).get(15_000))
    assert.instance(error, WorkerLostError)
    assert.equal(await pool.broadcast(add, [1, 2]), [3])
  }),
)

threaded('workers start')('a broadcast runs also in workers that start before all have answered', () =>
  withPool({ minThreads: 1, maxThreads: 2 }, async (pool) => {
    await pool.ready()
    const gate = newGate()
    const handle = pool.broadcast(setStateAtGate, [gate, 'late'])
    await arrivals(gate, 1)
    const meeting = newGate()
    const tasks = [1, 2].map(() => pool.run(meet, [meeting, 2]))
    await Promise.all(tasks)
    await arrivals(gate, 2)
    openGate(gate)
    assert.equal(await handle, ['new', 'new'])
  }),
)

threaded('workers leave')('a worker that is told to leave answers the broadcast that it has heard of first', () =>
  withPool({ threads: 2 }, async (pool) => {
    await started(pool, 2)
    const gate = newGate()
    const handle = pool.broadcast(setStateAtGate, [gate, 'leaving'])
    await arrivals(gate, 2)
    pool.resize({ threads: 1 })
    assert.is(await pool.run(add, [1, 2]), 3)
    openGate(gate)
    assert.equal(await handle, ['new', 'new'])
    await until(() => pool.stats().idle === 1 && pool.stats().threads === 1, 'one worker')
  }),
)

threaded('a worker blocks')('a broadcast waits for a worker that is busy with a synchronous task', () =>
  withPool({ threads: 2 }, async (pool) => {
    await started(pool, 2)
    const gate = newGate()
    const held = pool.run(hold, [gate])
    await arrivals(gate, 1)
    const handle = pool.broadcast(who, [])
    for (let i = 0; i < 10; i++) assert.is(await pool.run(add, [i, 1]), i + 1)
    assert.not(handle.isSettled)
    openGate(gate)
    await held
    assert.equal(await handle, [1, 2])
  }),
)

// ---- closing

test('close waits for a broadcast', async () => {
  const pool = newPool({ threads: 1 })
  const gate = newGate()
  const handle = pool.broadcast(setStateAtGate, [gate, 'closing'])
  await arrivals(gate, 1)
  const closing = pool.close()
  const late = await rejectionOf(pool.broadcast(add, [1, 2]))
  assert.instance(late, ShutdownError)
  openGate(gate)
  assert.equal(await settles(closing, 'close()'), { clean: true, completed: 0, cancelled: 0, terminated: 0 })
  assert.is((await handle).length, 1)
})

test('close by force rejects a broadcast with a ShutdownError, which nobody has to handle', async () => {
  const pool = newPool({ threads: 1 })
  const gate = newGate()
  const handle = pool.broadcast(endless, [gate])
  void pool.broadcast(endless, [gate])
  await arrivals(gate, 2)
  assert.is((await settles(pool.close({ timeout: 0 }), 'close()')).clean, false)
  assert.instance(await rejectionOf(handle), ShutdownError)
  assert.instance(await rejectionOf(pool.broadcast(add, [1, 2])), ShutdownError)
})

test('drain is emitted after a broadcast', () =>
  withPool({ threads: 1 }, async (pool) => {
    const drained = new Promise<void>((resolve) => pool.once('drain', resolve))
    await pool.broadcast(add, [1, 2])
    await settles(drained, 'drain')
  }))

test('a hundred broadcasts at once come back in order', () =>
  withPool({ threads: 2 }, async (pool) => {
    await started(pool, 2)
    const all = await Promise.all(Array.from({ length: 100 }, (_, i) => pool.broadcast(add, [i, 0])))
    for (const [i, values] of all.entries()) assert.equal(values, onHost ? [i] : [i, i])
  }))

test.run()
