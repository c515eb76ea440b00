import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  configure,
  defaultPool,
  isWorker,
  OptionError,
  Pool,
  type PoolOptions,
  parallel,
  ShutdownError,
  shutdown,
  TaskCancelledError,
  type TaskOptions,
  workerData,
  workerId,
} from '../../lib/index.js'
import { add, asyncEcho, fail, spin, who } from '../fixtures/basic.js'
import { bytesHeld } from '../fixtures/garbage.js'
import { hold, holdAsync, meet, record } from '../fixtures/gates.js'
import { dataHere, environment, insideWorker } from '../fixtures/inside.js'
import { arrivals, arrivedAt, newGate, openGate } from '../support/gate.js'
import { rejectionOf, settles, thrownBy, until } from '../support/hang-limit.js'
import { heldPool, holds, newPool, threaded, withPool } from '../support/pools.js'

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

// ---- running

test('run calls a function on the pool, whatever pool is bound to it', () =>
  withPool({ threads: 1 }, (pool) =>
    withPool({ threads: 1 }, async (other) => {
      assert.is(await pool.run(add, [1, 2]), 3)
      const bound = add.with({ pool })
      assert.is(await bound(3, 4), 7)
      assert.is(await other.run(bound, [5, 6]), 11)
      assert.is(pool.stats().completed, 2)
      assert.is(other.stats().completed, 1)
    }),
  ))

test('run takes nothing but parallel functions and an array of arguments', () =>
  withPool({ threads: 1 }, (pool) => {
    const plain = (x: number): number => x
    const wrong: (() => unknown)[] = [
      () => pool.run(plain as never, [1] as never),
      () => pool.run(undefined as never, []),
      () => pool.run(add, 5 as never),
      () => pool.run(add, undefined as never),
      () => pool.run(add, [1, 2], { pool } as never),
      () => pool.run(add, [1, 2], 7 as never),
    ]
    for (const act of wrong) assert.instance(thrownBy(act), OptionError)
    assert.match(thrownBy(wrong[0] as () => unknown).message, /plain/)
  }))

threaded('threads run side by side')('threads run tasks in parallel', () =>
  withPool({ threads: 3 }, async (pool) => {
    const gate = newGate()
    const ids = await Promise.all([1, 2, 3].map(() => pool.run(meet, [gate, 3])))
    assert.equal([...ids].sort(), [1, 2, 3])
  }),
)

threaded('threads are counted')('a pool grows at once to what is waiting, and no further than maxThreads', () =>
  withPool({ minThreads: 1, maxThreads: 3 }, async (pool) => {
    assert.is(pool.stats().threads, 0, 'no thread before the first call')
    await pool.run(add, [1, 2])
    assert.is(pool.stats().threads, 1)
    const gate = newGate()
    const handles = Array.from({ length: 5 }, () => pool.run(holds, [gate]))
    await arrivals(gate, 3)
    assert.is(pool.stats().threads, 3)
    assert.is(arrivedAt(gate), 3)
    openGate(gate)
    await Promise.all(handles)
  }),
)

threaded('threads are counted')('ready starts minThreads and resolves when they run', () =>
  withPool({ minThreads: 2, maxThreads: 3 }, async (pool) => {
    let events = 0
    pool.on('ready', () => events++)
    await Promise.all([pool.ready(), pool.ready()])
    assert.is(pool.stats().threads, 2)
    await pool.ready()
    assert.is(events, 1)
    const gate = newGate()
    await Promise.all([1, 2].map(() => pool.run(meet, [gate, 2])))
  }),
)

test('ready of a pool that is closed meanwhile settles', async () => {
  const pool = newPool({ threads: 1 })
  const ready = pool.ready().catch((error) => error)
  await settles(pool.close(), 'close()')
  const outcome = await settles(ready, 'ready()')
  assert.ok(outcome === undefined || outcome instanceof ShutdownError)
  assert.instance(await rejectionOf(pool.ready()), ShutdownError)
})

test('a worker runs one task at a time by default', () =>
  withPool({ threads: 1 }, async (pool) => {
    const gate = newGate()
    const first = pool.run(holdAsync, [gate])
    first.onError(() => {})
    await arrivals(gate, 1)
    const second = pool.run(add, [1, 2])
    for (let i = 0; i < 20; i++) await nextTurn()
    assert.is(second.state, 'queued')
    assert.ok(second.cancel())
  }))

test('concurrentTasksPerWorker lets async tasks of one worker overlap, up to the limit', () =>
  withPool({ threads: 1, concurrentTasksPerWorker: 3 }, async (pool) => {
    const gate = newGate()
    const handles = Array.from({ length: 5 }, () => pool.run(holdAsync, [gate]).onError(() => {}))
    await arrivals(gate, 3)
    for (let i = 0; i < 20; i++) await nextTurn()
    assert.is(arrivedAt(gate), 3)
    assert.equal(
      handles.map(({ state }) => state),
      ['running', 'running', 'running', 'queued', 'queued'],
    )
  }))

test('many async tasks settle, each with its value', () =>
  withPool({ threads: 2, concurrentTasksPerWorker: 16 }, async (pool) => {
    const values = await Promise.all(Array.from({ length: 5_000 }, (_, i) => pool.run(asyncEcho, [i])))
    assert.ok(values.every((value, i) => value === i))
  }))

test('hundreds of thousands of queued calls all settle in the end', () =>
  withPool({ threads: 2 }, async (pool) => {
    const handles = Array.from({ length: 200_000 }, (_, i) => pool.run(add, [i, 1]))
    const values = await Promise.all(handles)
    assert.ok(values.every((value, i) => value === i + 1))
    assert.is(pool.stats().completed, 200_000)
    assert.is(pool.stats().queued, 0)
  }))

test('pools do not influence each other', () =>
  heldPool(async (blocked, open) => {
    const waiting = blocked.run(add, [1, 2])
    await withPool({ threads: 1 }, async (pool) => {
      assert.is(await pool.run(add, [3, 4]), 7)
      await pool.close()
    })
    assert.is(waiting.state, 'queued')
    open()
    assert.is(await waiting, 3)
    assert.is(await add(1, 1), 2, 'the default pool is another one')
  }))

threaded('a host that waits')(
  'results of long tasks that queue up come several at a time, so that the host rests in between',
  () =>
    withPool({ threads: 1 }, async (pool) => {
      const tasks = 2_000
      let groups = 0
      let isInGroup = false
      const note = (): void => {
        if (isInGroup) return
        isInGroup = true
        groups++
        setImmediate(() => (isInGroup = false))
      }
      await Promise.all(Array.from({ length: tasks }, () => pool.run(spin, [50]).onComplete(note)))
      assert.ok(groups < tasks / 4, `${groups} groups of results for ${tasks} tasks of 50 µs`)
    }),
)

const loopCount = (): number | undefined =>
  (performance.nodeTiming as unknown as { uvMetricsInfo?: { loopCount: number } }).uvMetricsInfo?.loopCount

threaded('a host that waits')(
  'a call after a pause is waited for without turning the event loop, whose core the worker may need',
  () =>
    withPool({ threads: 1 }, async (pool) => {
      const calls = 20
      for (let i = 0; i < 2_000; i++) await pool.run(add, [i, 1])
      let turns = 0
      for (let i = 0; i < calls; i++) {
        await sleep(10) // by then all sleep; if not, the call takes the other way, with fewer turns still
        const before = loopCount() ?? 0
        await pool.run(add, [i, 1])
        turns += (loopCount() ?? 0) - before
      }
      assert.ok(turns < 10 * calls, `${turns} turns for ${calls} calls`)
    }),
)

threaded('threads run side by side')('a pool that is busy with one endless task runs others on its other thread', () =>
  withPool({ threads: 2 }, async (pool) => {
    const gate = newGate()
    const held = pool.run(holds, [gate])
    await arrivals(gate, 1)
    for (let round = 0; round < 50; round++) {
      const values = await Promise.all(Array.from({ length: 40 }, (_, i) => pool.run(add, [i, round])))
      assert.ok(values.every((value, i) => value === i + round))
    }
    openGate(gate)
    await held
  }),
)

threaded('threads run side by side')(
  'short tasks do not wait behind a long one that a worker took from the same queue',
  () =>
    withPool({ threads: 2 }, async (pool) => {
      for (let i = 0; i < 200; i++) await pool.run(add, [i, i]) // known to be short, so taken in batches
      for (let round = 0; round < 20; round++) {
        const gate = newGate()
        const before = Array.from({ length: 20 }, (_, i) => pool.run(add, [i, 1]))
        const held = pool.run(holds, [gate])
        const after = Array.from({ length: 20 }, (_, i) => pool.run(add, [i, 1]))
        await settles(Promise.all([...before, ...after]), 'the short tasks beside a held one')
        openGate(gate)
        await held
      }
    }),
)

// ---- what a worker sees

threaded('isWorker and the environment are those of the host')(
  'a worker knows itself, its data and its environment',
  () =>
    withPool(
      { threads: 1, workerData: { color: 'red', list: [1, 2] }, env: { MAKEPARALLEL_TEST: 'yes' } },
      async (pool) => {
        assert.equal(await pool.run(insideWorker, []), { isWorker: true, workerId: 1 })
        assert.equal(await pool.run(dataHere, []), { color: 'red', list: [1, 2] })
        assert.is(await pool.run(environment, ['MAKEPARALLEL_TEST']), 'yes')
        assert.is(isWorker, false)
        assert.is(workerId, undefined)
        assert.is(workerData, undefined)
      },
    ),
)

threaded('they are of threads')('execArgv and resourceLimits reach the workers', () =>
  withPool(
    { threads: 1, execArgv: ['--no-warnings'], resourceLimits: { maxOldGenerationSizeMb: 77 } },
    async (pool) => {
      const look = parallel(async () => {
        const { resourceLimits } = await import('node:worker_threads')
        return { execArgv: process.execArgv, limit: resourceLimits.maxOldGenerationSizeMb }
      })
      assert.equal(await pool.run(look, []), { execArgv: ['--no-warnings'], limit: 77 })
    },
  ),
)

// ---- stats and events

threaded('threads, workers and parks are counted')('stats count everything', () =>
  heldPool(async (pool, open, held) => {
    const sums = Array.from({ length: 10 }, (_, i) => pool.run(add, [i, 1]))
    const failing = pool.run(fail, ['oh'])
    const cancelled = pool.run(add, [1, 1])
    cancelled.cancel()
    const before = pool.stats()
    assert.is(before.threads, 1)
    assert.is(before.idle, 0)
    assert.is(before.running, 1)
    assert.is(before.queued, 11)
    assert.is(before.completed, 0)
    assert.is(before.cancelled, 1)
    open()
    await held
    await Promise.all(sums)
    await rejectionOf(failing)
    await pool.run(spin, [5_000])
    const after = pool.stats()
    assert.is(after.running, 0)
    assert.is(after.queued, 0)
    assert.is(after.completed, 12)
    assert.is(after.failed, 1)
    assert.is(after.cancelled, 1)
    assert.is(after.respawns, 0)
    assert.type(after.steals, 'number')
    assert.ok(after.parks >= 0)
    assert.ok(after.utilization > 0 && after.utilization <= 1, String(after.utilization))
    assert.is(after.waitMs.count, 13)
    assert.is(after.runMs.count, 13)
    for (const { mean, p50, p90, p99, p999, max } of [after.waitMs, after.runMs]) {
      assert.ok(0 <= p50 && p50 <= p90 && p90 <= p99 && p99 <= p999 && p999 <= max, 'percentiles ascend')
      assert.ok(mean > 0 && mean <= max)
    }
    assert.ok(after.runMs.max >= 4.9, `the longest ran ${after.runMs.max} ms`)
    const runs = (): number => pool.stats().workers.reduce((sum, { completed }) => sum + completed, 0)
    await until(() => runs() === 13, 'the count of the worker')
  }),
)

test('stats of a pool that never ran are zeros', () => {
  const { threads, idle, queued, running, completed, failed, cancelled, utilization, waitMs } = new Pool().stats()
  assert.equal(
    [threads, idle, queued, running, completed, failed, cancelled, utilization, waitMs.count],
    Array(9).fill(0),
  )
})

threaded('threads sleep')('idle workers are counted once they sleep', () =>
  withPool({ threads: 2 }, async (pool) => {
    await pool.ready()
    await until(() => pool.stats().idle === 2, 'both workers asleep')
  }),
)

test('drain is emitted when the last unsettled call has settled', () =>
  withPool({ threads: 2 }, async (pool) => {
    let drains = 0
    pool.on('drain', () => drains++)
    const drained = new Promise<void>((resolve) => pool.once('drain', resolve))
    const handles = Array.from({ length: 100 }, (_, i) => pool.run(add, [i, 1]))
    await settles(drained, 'drain')
    assert.ok(handles.every(({ isSettled }) => isSettled))
    assert.is(drains, 1)
  }))

test('drain is emitted also when the last call was cancelled', () =>
  heldPool(async (pool, open, held) => {
    const last = pool.run(add, [1, 2])
    const drained = new Promise<void>((resolve) => pool.once('drain', resolve))
    last.cancel()
    open()
    await settles(drained, 'drain')
    assert.ok(held.isSettled)
  }))

test('drain is emitted after short calls too', () =>
  withPool({ threads: 1 }, async (pool) => {
    for (let i = 0; i < 200; i++) await pool.run(add, [i, i]) // settled by polling, without a turn in between
    const drained = new Promise<void>((resolve) => pool.once('drain', resolve))
    await pool.run(add, [1, 2])
    await settles(drained, 'drain', 5)
  }))

test('once listens once, and off ends listening', () =>
  withPool({ threads: 1 }, async (pool) => {
    const calls: string[] = []
    const never = (): void => {
      calls.push('never')
    }
    pool.once('drain', () => calls.push('once')).on('drain', () => calls.push('on'))
    pool.on('drain', never).off('drain', never)
    for (let round = 0; round < 2; round++) {
      const drained = new Promise<void>((resolve) => pool.once('drain', resolve))
      void pool.run(spin, [1_000])
      await settles(drained, 'drain')
    }
    assert.equal(calls, ['once', 'on', 'on'])
  }))

test('an event that does not exist is an OptionError', () => {
  const pool = new Pool()
  for (const add of ['on', 'once', 'off'] as const) {
    const error = thrownBy(() => pool[add]('drained' as 'drain', () => {}))
    assert.instance(error, OptionError)
    assert.match(error.message, /"drained"/)
  }
})

// ---- closing

test('close drains: what is queued and running settles, then the threads end', async () => {
  const pool = newPool({ threads: 2 })
  const gate = newGate()
  const held = pool.run(holds, [gate, 'held'])
  await arrivals(gate, 1)
  const handles = Array.from({ length: 20_000 }, (_, i) => pool.run(add, [i, 1]))
  const closing = pool.close()
  openGate(gate)
  assert.equal(await settles(closing, 'close()'), { clean: true, completed: 20_001, cancelled: 0, terminated: 0 })
  assert.is(await held, 'held')
  assert.is(await (handles[19_999] as (typeof handles)[0]), 20_000)
  assert.is(pool.stats().threads, 0)
})

test('close right after a short call does not wait for its timeout', async () => {
  const pool = newPool({ threads: 1 })
  for (let i = 0; i < 200; i++) await pool.run(add, [i, i])
  const last = pool.run(add, [1, 2])
  const { clean, terminated } = await settles(pool.close(), 'close()', 10)
  assert.is(await last, 3)
  assert.ok(clean)
  assert.is(terminated, 0)
})

test('close with cancelPending cancels what has not started', async () => {
  const pool = newPool({ threads: 1 })
  const gate = newGate()
  const held = pool.run(holds, [gate, 'held'])
  await arrivals(gate, 1)
  const handles = Array.from({ length: 10_000 }, (_, i) => pool.run(add, [i, 1]))
  const closing = pool.close({ cancelPending: true })
  assert.ok(handles.every(({ state }) => state === 'cancelled'))
  openGate(gate)
  assert.equal(await settles(closing, 'close()'), { clean: true, completed: 1, cancelled: 10_000, terminated: 0 })
  assert.is(await held, 'held')
  assert.instance(await rejectionOf(handles[0] as PromiseLike<unknown>), TaskCancelledError)
  assert.instance(await rejectionOf(handles[9_999] as PromiseLike<unknown>), TaskCancelledError)
  assert.is(pool.stats().cancelled, 10_000)
})

test('close terminates what has not settled within its timeout', async () => {
  const pool = newPool({ threads: 1 })
  const gate = newGate()
  const held = pool.run(holds, [gate])
  await arrivals(gate, 1)
  const queued = Array.from({ length: 10 }, (_, i) => pool.run(add, [i, 1]))
  const closed = await settles(pool.close({ timeout: 50 }), 'close()')
  assert.equal(closed, { clean: false, completed: 0, cancelled: 10, terminated: 1 })
  const error = await rejectionOf(held)
  assert.instance(error, ShutdownError)
  assert.match(error.message, /"hold/)
  for (const handle of queued) assert.instance(await rejectionOf(handle), ShutdownError)
})

test('close terminates async tasks that never end', async () => {
  const pool = newPool({ threads: 1, concurrentTasksPerWorker: 4 })
  const gate = newGate()
  const handles = [1, 2, 3].map(() => pool.run(holdAsync, [gate]))
  await arrivals(gate, 3)
  const closed = await settles(pool.close({ timeout: 0 }), 'close()')
  assert.equal(closed, { clean: false, completed: 0, cancelled: 0, terminated: 3 })
  for (const handle of handles) assert.instance(await rejectionOf(handle), ShutdownError)
})

test('close without force leaves the running to themselves', async () => {
  const pool = newPool({ threads: 1 })
  const gate = newGate()
  const held = pool.run(holds, [gate, 'held'])
  await arrivals(gate, 1)
  const closed = await settles(pool.close({ timeout: 20, force: false }), 'close()')
  assert.is(closed.clean, false)
  assert.is(closed.terminated, 0)
  assert.not(held.isSettled)
  assert.instance(await rejectionOf(pool.run(add, [1, 2])), ShutdownError)
  openGate(gate)
  assert.is(await settles(held, 'the running task'), 'held')
  await until(() => pool.stats().threads === 0, 'the end of the threads')
})

test('close is idempotent: later calls get the report of the first', async () => {
  const pool = newPool({ threads: 1 })
  await pool.run(add, [1, 2])
  const first = pool.close()
  const second = pool.close({ cancelPending: true, timeout: 0 })
  assert.is(await first, await second)
  assert.is(await pool.close(), await first)
})

test('close of a pool that never ran is clean', async () => {
  const closed = await settles(new Pool().close(), 'close()')
  assert.equal(closed, { clean: true, completed: 0, cancelled: 0, terminated: 0 })
})

test('close right after the first call waits for it', async () => {
  const pool = newPool({ threads: 2 })
  const handle = pool.run(add, [1, 2])
  const closed = await settles(pool.close(), 'close()')
  assert.is(await handle, 3)
  assert.ok(closed.clean)
})

threaded('threads come up')('close ends a pool whose threads have not come up yet', async () => {
  const pool = newPool({ threads: 2 })
  const handles = [pool.run(add, [1, 2]), pool.run(add, [3, 4])]
  const closed = await settles(pool.close({ timeout: 0 }), 'close()')
  assert.is(closed.clean, false)
  assert.is(closed.cancelled + closed.terminated, 2)
  for (const handle of handles) assert.instance(await rejectionOf(handle), ShutdownError)
})

test('a pool may be closed from its own events', async () => {
  const pool = newPool({ threads: 1 })
  const closed = new Promise((resolve) => pool.once('drain', () => resolve(pool.close())))
  assert.is(await pool.run(add, [1, 2]), 3)
  assert.ok(((await settles(closed, 'close()')) as { clean: boolean }).clean)
})

test('await using drains the pool', async () => {
  let handle: PromiseLike<number> | undefined
  let used: Pool | undefined
  {
    await using pool = newPool({ threads: 1 })
    used = pool
    handle = pool.run(add, [1, 2])
  }
  assert.is(used.stats().threads, 0)
  assert.is(await handle, 3)
})

test('Symbol.dispose closes without waiting', async () => {
  const pool = newPool({ threads: 1 })
  const handle = pool.run(add, [1, 2])
  pool[Symbol.dispose]()
  assert.instance(await rejectionOf(pool.run(add, [1, 2])), ShutdownError)
  assert.is(await settles(handle), 3)
  await settles(pool.close(), 'close()')
})

test('a call after close rejects with a ShutdownError that names the pool', async () => {
  const pool = newPool({ threads: 1 })
  await pool.run(add, [1, 2])
  const closing = pool.close()
  const during = await rejectionOf(pool.run(add, [1, 2]))
  await closing
  const after = await rejectionOf(pool.run(add, [1, 2]))
  for (const error of [during, after]) {
    assert.instance(error, ShutdownError)
    assert.is(error.code, 'ERR_PARALLEL_SHUTDOWN')
    assert.ok(error.message.includes(pool.name))
  }
  const never = await rejectionOf(
    (async () => {
      const unused = new Pool()
      await unused.close()
      await unused.run(add, [1, 2])
    })(),
  )
  assert.instance(never, ShutdownError)
})

test('handles of a closed pool can still be read', async () => {
  const pool = newPool({ threads: 1 })
  const good = pool.run(add, [1, 2])
  const bad = pool.run(fail, ['oh']).onError(() => {})
  await settles(pool.close(), 'close()')
  assert.is(good.get(), 3)
  assert.instance(
    thrownBy(() => bad.get()),
    RangeError,
  )
  assert.ok(bad.wait())
})

// ---- the default pool

/** A pool that has run a task and is closed: nothing of it is left in the frames of who calls this. */
async function closedPool(timeout: number | undefined, i: number): Promise<WeakRef<object>> {
  const workerData = {}
  const brief = new Pool({ threads: 1, workerData })
  const gate = newGate()
  const handle = brief.run(hold, [gate, i])
  handle.onError(() => {})
  await arrivals(gate, 1)
  const parked = performance.now() + 10 // it has lingered for 0.3 ms and waits for its bell
  while (performance.now() < parked) await nextTurn()
  if (timeout === undefined) openGate(gate)
  await brief.close({ timeout })
  return new WeakRef(workerData)
}

for (const timeout of [undefined, 0]) {
  threaded('threads have memory of their own')(
    `a pool that was closed ${timeout === 0 ? 'by force' : 'in peace'} is given up at once`,
    async () => {
      const traces: WeakRef<object>[] = []
      for (let i = 0; i < 2; i++) traces.push(await closedPool(timeout, i))
      await closedPool(timeout, 2) // a function remembers the pool that it ran on last
      const isGone = (): boolean => {
        bytesHeld.local() // collects garbage
        return traces.every((trace) => trace.deref() === undefined)
      }
      await until(isGone, 'closed pools to be given up before their load timeout', 20)
    },
  )
}

threaded('workerData is of threads')(
  'configure sets the default pool before its first call and after shutdown, and not in between',
  async () => {
    await shutdown()
    configure({ threads: 2, workerData: 'first' })
    assert.is(await dataHere(), 'first')
    assert.is(defaultPool.stats().threads, 2)
    assert.instance(
      thrownBy(() => configure({ threads: 1 })),
      OptionError,
    )
    const closing = shutdown()
    assert.instance(await rejectionOf(add(1, 2)), ShutdownError)
    assert.ok((await closing).clean)
    assert.instance(await rejectionOf(add(1, 2)), ShutdownError)
    configure({ threads: 1, workerData: 'second' })
    assert.is(await dataHere(), 'second', 'a function that ran before runs again')
    assert.is(await who(), 1)
    await shutdown()
    configure({})
    assert.is(await add(1, 2), 3)
    await shutdown()
  },
)

threaded('workerData is of threads')('configure checks its options, and leaves the pool as it was', async () => {
  configure({ threads: 1, workerData: 'kept' })
  assert.instance(
    thrownBy(() => configure({ threads: -1 })),
    OptionError,
  )
  assert.is(await dataHere(), 'kept')
  await shutdown()
})

// ---- options

const DATE = Date.now() + 60_000
const wrongPools: [string, unknown, string][] = [
  ['threads', -1, '-1'],
  ['threads', '4', '"4"'],
  ['threads', Number.NaN, 'NaN'],
  ['threads', 1.5, '1.5'],
  ['threads', 1_000, '1000'],
  ['threads', null, 'null'],
  ['minThreads', -1, '-1'],
  ['maxThreads', '2', '"2"'],
  ['maxThreads', Number.POSITIVE_INFINITY, 'Infinity'],
  ['concurrentTasksPerWorker', 0, '0'],
  ['concurrentTasksPerWorker', '2', '"2"'],
  ['loadTimeout', -5, '-5'],
  ['loadTimeout', '100', '"100"'],
  ['loadTimeout', Number.NaN, 'NaN'],
  ['loadTimeout', DATE, String(DATE)],
  ['name', 5, '5'],
  ['env', 'PATH', '"PATH"'],
  ['execArgv', '--inspect', '"--inspect"'],
  ['execArgv', [1], 'an array'],
  ['resourceLimits', 100, '100'],
  ['spin', true, 'true'],
  ['spin', { workerUs: -1 }, '-1'],
  ['spin', { hostUs: '20' }, '"20"'],
]
for (const [key, value, shown] of wrongPools) {
  test(`the pool option ${key} refuses ${shown}`, () => {
    const error = thrownBy(() => new Pool({ [key]: value } as PoolOptions))
    assert.instance(error, OptionError)
    assert.instance(error, TypeError)
    assert.is(error.code, 'ERR_PARALLEL_OPTION')
    assert.is(error.name, 'OptionError')
    assert.ok(error.message.includes(key), error.message)
    assert.ok(error.message.includes(shown), error.message)
  })
}

const unstartable: [string, PoolOptions][] = [
  ['workerData that is a function', { workerData: () => {} }],
  ['workerData with a symbol inside', { workerData: { deep: { symbol: Symbol('s') } } }],
  ['resourceLimits of strings', { resourceLimits: { maxOldGenerationSizeMb: '64' } as never }],
  ['env with a symbol', { env: { A: Symbol('s') } as never }],
]
for (const [what, options] of unstartable) {
  test(`${what} is refused at once`, () => {
    const error = thrownBy(() => new Pool(options))
    assert.instance(error, OptionError)
    assert.ok(error.message.includes(Object.keys(options)[0] as string), error.message)
  })
}

test('minThreads and maxThreads must fit together, and threads excludes them', () => {
  for (const options of [
    { minThreads: 3, maxThreads: 2 },
    { threads: 2, maxThreads: 4 },
    { threads: 2, minThreads: 1 },
  ]) {
    assert.instance(
      thrownBy(() => new Pool(options)),
      OptionError,
    )
  }
  new Pool({ minThreads: availableParallelism() + 1 })
})

test('an option that does not exist is an OptionError that lists those that do', async () => {
  await shutdown() // so that configure looks at its options
  const pool = new Pool()
  for (const act of [
    () => new Pool({ thread: 1 } as PoolOptions),
    () => configure({ thread: 1 } as PoolOptions),
    () => add.with({ thread: 1 } as TaskOptions),
    () => pool.run(add, [1, 2], { thread: 1 } as TaskOptions),
    () => pool.close({ thread: 1 } as object),
  ]) {
    const error = thrownBy(act)
    assert.instance(error, OptionError)
    assert.match(error.message, /"thread"/)
    assert.match(error.message, /there are \w+, /)
  }
  assert.instance(
    thrownBy(() => new Pool(null as never)),
    OptionError,
  )
  assert.instance(
    thrownBy(() => new Pool(4 as never)),
    OptionError,
  )
})

threaded('it says maxThreads')('undefined means not given', async () => {
  const pool = new Pool({
    threads: undefined,
    minThreads: undefined,
    maxThreads: 1,
    name: undefined,
    loadTimeout: undefined,
    spin: undefined,
    env: undefined,
    execArgv: undefined,
    resourceLimits: undefined,
    workerData: undefined,
    concurrentTasksPerWorker: undefined,
  })
  const named = add.with({
    name: undefined,
    priority: undefined,
    idempotent: undefined,
    metadata: undefined,
    pool: undefined,
  })
  assert.is(await pool.run(named, [1, 2], {}), 3)
  await settles(pool.close({ timeout: undefined, cancelPending: undefined, force: undefined }), 'close()')
})

test('close options are checked', () => {
  const pool = new Pool()
  for (const options of [
    { timeout: -1 },
    { timeout: '5' },
    { timeout: Number.NaN },
    { timeout: DATE },
    { cancelPending: 1 },
    { force: 'yes' },
  ]) {
    const error = thrownBy(() => pool.close(options as object))
    assert.instance(error, OptionError)
    assert.ok(error.message.includes(Object.keys(options)[0] as string), error.message)
  }
  assert.match(thrownBy(() => pool.close({ timeout: DATE })).message, /date/)
})

test('task options are checked', () => {
  for (const options of [
    { priority: 4 },
    { priority: 0.5 },
    { priority: '1' },
    { idempotent: 1 },
    { name: 7 },
    { metadata: 'tenant' },
    { metadata: null },
    { pool: {} },
    { pool: null },
  ]) {
    const error = thrownBy(() => add.with(options as object))
    assert.instance(error, OptionError)
    assert.ok(error.message.includes(Object.keys(options)[0] as string), error.message)
  }
})

test('a pool is called what its options say', async () => {
  const pool = newPool({ name: 'pictures', threads: 1 })
  assert.is(pool.name, 'pictures')
  await pool.close()
  assert.match((await rejectionOf(pool.run(add, [1, 2]))).message, /"pictures"/)
  assert.is.not(new Pool().name, new Pool().name)
})

// ---- priorities

test('one worker claims by priority, then by age', () =>
  heldPool(async (pool, open, held) => {
    const log = new Int32Array(new SharedArrayBuffer(100 * 4))
    const priorities = [0, -3, 2, 0, 3, -1, 1, 2, -2, 0, 3, -3, 1] as const
    const handles = priorities.map((priority, i) => pool.run(record, [log, i], { priority }))
    open()
    await held
    await Promise.all(handles)
    const order = [...log.subarray(1, 1 + priorities.length)]
    const expected = [...priorities.keys()].sort(
      (a, b) => (priorities[b] as number) - (priorities[a] as number) || a - b,
    )
    assert.equal(order, expected)
  }))

threaded('workers take batches')('order holds for a function that is known to be short and taken in batches', () =>
  heldPool(async (pool, open, held) => {
    const log = new Int32Array(new SharedArrayBuffer(2_000 * 4))
    open()
    await held
    for (let i = 0; i < 300; i++) await pool.run(record, [log, 0])
    const gate = newGate()
    const second = pool.run(holds, [gate])
    await arrivals(gate, 1)
    log.fill(0)
    const priorities = Array.from({ length: 400 }, (_, i) => ((i * 7) % 5) - 2)
    const handles = priorities.map((priority, i) => pool.run(record, [log, i], { priority: priority as 0 }))
    openGate(gate)
    await second
    await Promise.all(handles)
    const position = new Map([...log.subarray(1, 1 + priorities.length)].map((task, at) => [task, at]))
    // Aging takes one claim in a while out of turn; all others are in order.
    let outOfTurn = 0
    for (let i = 0; i < priorities.length; i++) {
      for (let j = 0; j < i; j++) {
        const first = (priorities[j] as number) >= (priorities[i] as number)
        if (first && (position.get(j) as number) > (position.get(i) as number)) outOfTurn++
      }
    }
    const pairs = (priorities.length * (priorities.length - 1)) / 2
    assert.ok(outOfTurn < pairs / 20, `${outOfTurn} of ${pairs} pairs out of order`)
  }),
)

for (const [flood, low] of [
  [3, -3],
  [3, 0],
  [1, -1],
  [0, -3],
] as const) {
  test(`a task of priority ${low} runs amid a flood of priority ${flood}`, () =>
    withPool({ threads: 1 }, async (pool) => {
      const gate = newGate()
      const held = pool.run(holds, [gate])
      await arrivals(gate, 1)
      let ended = false
      let claims = 0
      const keepUp = async (): Promise<void> => {
        while (!ended) {
          await pool.run(add, [1, 2], { priority: flood })
          claims++
        }
      }
      const flooding = Array.from({ length: 500 }, keepUp)
      let claimsAtEnd = 0
      const lone = pool.run(add, [1, 1], { priority: low }).onComplete(() => {
        claimsAtEnd = claims
      })
      openGate(gate)
      await held
      try {
        assert.is(await settles(lone, `the lone task; ${claims} of the flood have run`), 2)
      } finally {
        ended = true
        await Promise.all(flooding)
      }
      await nextTurn()
      assert.ok(claimsAtEnd < 2_000, `${claimsAtEnd} others ran before`)
    }))
}

test('a task of low priority runs also when the flood is more than the shared slots hold', () =>
  withPool({ threads: 1 }, async (pool) => {
    const gate = newGate()
    const held = pool.run(holds, [gate])
    await arrivals(gate, 1)
    let ended = false
    let claims = 0
    const keepUp = async (): Promise<void> => {
      while (!ended && claims < 300_000) {
        await pool.run(add, [1, 2], { priority: 3 })
        claims++
      }
    }
    const flooding = Array.from({ length: 25_000 }, keepUp)
    const low = pool.run(add, [1, 1], { priority: -3 })
    let claimsAtEnd = Number.POSITIVE_INFINITY
    void low.then(() => {
      claimsAtEnd = claims
      ended = true
    })
    openGate(gate)
    await held
    await settles(Promise.all(flooding), 'the flood')
    assert.ok(claimsAtEnd < 200_000, `the task waited for ${claimsAtEnd} others`)
  }))

test.after(async () => {
  await shutdown()
})

test.run()
