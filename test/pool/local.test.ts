import { AsyncLocalStorage } from 'node:async_hooks'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { defaultPool, importTasks, Pool, type PoolOptions, parallel, SyncWaitError, shutdown } from '../../lib/index.js'
import { add, asyncEcho, echo } from '../fixtures/basic.js'
import { awaitMany, inertPool } from '../fixtures/family.js'
import { holdAsync, holdAwaiting } from '../fixtures/gates.js'
import {
  actsAmidChildren,
  awaits,
  callsElsewhere,
  callsLater,
  callsOnAfterGate,
  closesAround,
  getsGiven,
  left,
  noThis,
  note,
} from '../fixtures/here.js'
import { contextHere } from '../fixtures/inside.js'
import { arrivals, newGate, openGate } from '../support/gate.js'
import { rejectionOf, settles, thrownBy, until } from '../support/hang-limit.js'
import { withPool } from '../support/pools.js'
import { program, report, reportOf, runProgram } from '../support/programs.js'

// What is particular to `threads: 0`. That all else is as with threads, the files show that end in -on-host.

const here = (body: (pool: Pool) => Promise<void>, options: PoolOptions = {}): Promise<void> => {
  left.calls = []
  return withPool({ threads: 0, ...options }, body)
}
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a call returns before its task starts, and a turn of the event loop starts it', () =>
  here(async (pool) => {
    const handle = pool.run(note, ['ran'])
    assert.equal(left.calls, [])
    await null
    assert.equal(left.calls, [])
    assert.is(handle.state, 'queued')
    await handle
    assert.equal(left.calls, ['ran'])
  }))

test('tasks share the state of their module with the host, their values they do not', () =>
  here(async (pool) => {
    const value = { list: [1] }
    const back = (await pool.run(echo, [value])) as typeof value
    assert.equal(back, value)
    assert.is.not(back, value)
    await pool.run(note, ['shared'])
    assert.equal(left.calls, ['shared'])
  }))

test('a task has no this', () => here(async (pool) => assert.is(await pool.run(noThis as never, []), true)))

test('calls of a task go to its own pool, through whatever pool they are made', async () => {
  await shutdown()
  await here(async (pool) => {
    assert.equal(await pool.run(callsElsewhere, []), { sum: 12, threads: 0 })
    assert.is(defaultPool.stats().completed, 0)
    assert.equal(await pool.run(inertPool, []), { sum: 7, workerId: undefined, threads: 0 })
    assert.is(pool.stats().completed, 2, 'children are no calls of the pool')
    assert.ok((await settles(pool.close(), 'close()', 5)).clean)
  })
})

test('the pools that a task has called through close at once', () =>
  withPool({ threads: 1 }, async (other) => {
    await here(async (pool) => {
      const bound = closesAround.with({ pool: other })
      assert.is(await pool.run(bound, []), 12)
    })
    assert.ok((await settles(other.close(), 'close()', 5)).clean)
    assert.ok((await settles(shutdown(), 'shutdown()', 5)).clean)
  }))

test('the context of the caller does not reach the task, whoever runs it', () =>
  here(async (pool) => {
    const storage = new AsyncLocalStorage<string>()
    ;(globalThis as { contextOfTests?: unknown }).contextOfTests = storage
    await storage.run('request', async () => {
      assert.is(await pool.run(contextHere, []), 'none')
      assert.is(pool.run(contextHere, []).get(), 'none')
      assert.equal(await pool.broadcast(contextHere, []), ['none'])
      assert.is(storage.getStore(), 'request')
    })
  }))

test('the context of a task does not reach the host', () =>
  here(async (pool) => {
    await pool.run(add, [1, 2])
    await pool.run(note, ['again'])
    // Would it, then this call would be a child, and counted nowhere.
    assert.is(await pool.run(add, [3, 4]), 7)
    assert.is(pool.stats().completed, 3)
    assert.is(pool.run(add, [5, 6]).get(), 11)
    assert.is(await pool.run(add, [7, 8]), 15)
    assert.is(pool.stats().completed, 5)
  }))

test('get runs what has not started, before what is older', () =>
  here(async (pool) => {
    const first = pool.run(note, ['first'])
    const second = pool.run(note, ['second'])
    second.get()
    assert.equal(left.calls, ['second'])
    await first
    assert.equal(left.calls, ['second', 'first'])
    const inline = parallel((x: number) => x * x)
    assert.is(pool.run(inline, [9]).get(), 81)
  }))

test('get of what needs the event loop is a SyncWaitError, and the call goes on', () =>
  here(async (pool) => {
    const inline = parallel(async (x: unknown): Promise<unknown> => x)
    for (const handle of [pool.run(asyncEcho, ['x']), pool.run(inline, ['x'])]) {
      for (const act of [() => handle.get(), () => handle.wait(), () => handle.get(50)]) {
        const error = thrownBy(act)
        assert.instance(error, SyncWaitError)
        assert.match(error.message, /threads.*await/)
      }
      assert.is(handle.wait(0), false)
      assert.is(await handle, 'x')
      assert.is(handle.get(), 'x')
    }
  }))

test('get keeps the limit of concurrent tasks, and a task lends its place', () =>
  here(async (pool) => {
    pool.setMaxConcurrentTasks(1)
    const gate = newGate()
    const held = pool.run(holdAwaiting, [gate, 'held'])
    await arrivals(gate, 1)
    const next = pool.run(add, [1, 2])
    assert.instance(
      thrownBy(() => next.get()),
      SyncWaitError,
    )
    assert.is(next.state, 'queued')
    openGate(gate)
    assert.is(await held, 'held')
    assert.is(await next, 3)
    left.handle = pool.run(add, [20, 1], { priority: -3 })
    assert.is(await pool.run(getsGiven, []), 21)
  }))

test('a task that cannot be copied, an unknown module and imported tasks are as elsewhere', () =>
  here(async (pool) => {
    assert.is(
      (
        await rejectionOf(
          pool.run(
            parallel(() => () => {}),
            [],
          ),
        )
      ).code,
      'ERR_PARALLEL_PAYLOAD',
    )
    const { sum } = importTasks<{ sum(a: number, b: number): number }>(
      new URL('../fixtures/no-such.js', import.meta.url),
    )
    assert.is((await rejectionOf(pool.run(sum, [1, 2]))).code, 'ERR_PARALLEL_TASK_LOAD')
    const remote = importTasks<typeof import('../fixtures/plain.js')>(new URL('../fixtures/plain.js', import.meta.url))
    assert.is(await pool.run(remote.double, [21]), 42)
  }))

test('a task that goes on after its pool was closed cannot call any more', async () => {
  left.calls = []
  const pool = new Pool({ threads: 0 })
  const gate = newGate()
  const handle = pool.run(callsOnAfterGate, [gate])
  await arrivals(gate, 1)
  assert.is((await settles(pool.close({ timeout: 0 }), 'close()')).terminated, 1)
  assert.is((await rejectionOf(handle)).code, 'ERR_PARALLEL_SHUTDOWN')
  openGate(gate)
  await until(() => left.calls.length === 1, 'the refusal')
  assert.equal(left.calls, ['ERR_PARALLEL_SHUTDOWN'])
})

test('what a task has left behind may call, and has no parent', () =>
  here(async (pool) => {
    left.handle = undefined
    await pool.run(callsLater, [])
    await until(() => left.handle !== undefined, 'the timer')
    const handle = left.handle as unknown as PromiseLike<number>
    assert.is(await handle, 42)
  }))

test('close({ cancelPending }) leaves the children of a running task alone', () =>
  here(async (pool) => {
    const family = pool.run(actsAmidChildren, [])
    const waiting = pool.run(awaitMany, [5])
    const closing = new Promise((resolve) => {
      left.act = () => resolve(pool.close({ cancelPending: true }))
    })
    assert.equal(await settles(closing, 'close()'), { clean: true, completed: 1, cancelled: 1, terminated: 0 })
    assert.is(await family, 42)
    assert.is((await rejectionOf(waiting)).name, 'AbortError')
  }))

test('long work lets timers and sockets go on', () =>
  here(async (pool) => {
    let turns = 0
    let ended = false
    const count = async (): Promise<void> => {
      for (; !ended; turns++) await nextTurn()
    }
    const counting = count()
    const spinning = parallel((us: number) => {
      const end = performance.now() + us / 1000
      while (performance.now() < end);
    })
    await Promise.all(Array.from({ length: 40 }, () => pool.run(spinning, [1_000])))
    ended = true
    await counting
    assert.ok(turns >= 5, `${turns} turns`)
  }))

test('ready is emitted once', () =>
  here(async (pool) => {
    let events = 0
    pool.on('ready', () => events++)
    await pool.ready()
    await pool.ready()
    await pool.run(add, [1, 2])
    assert.is(events, 1)
  }))

test('stats say what is there without threads', () =>
  here(async (pool) => {
    const gate = newGate()
    const held = pool.run(holdAsync, [gate]).onError(() => {})
    await arrivals(gate, 1)
    const waiting = pool.run(add, [1, 2])
    const { threads, idle, queued, running, workers } = pool.stats()
    assert.equal([threads, idle, queued, running, workers], [0, 0, 1, 1, []])
    waiting.cancel()
    assert.is(pool.stats().cancelled, 1)
    assert.is(held.state, 'running')
  }))

// ---- the process

const programs: Record<string, () => unknown> = {
  async 'a pool that is never closed'() {
    report(await new Pool({ threads: 0 }).run(add, [1, 2]))
  },
  'calls that nobody awaits'() {
    const pool = new Pool({ threads: 0 })
    for (let i = 0; i < 100; i++) void pool.run(asyncEcho, [i]).onComplete((value) => value === 99 && report('all'))
  },
  async 'a teardown that never settles'() {
    const pool = new Pool({ threads: 0, teardown: awaits, loadTimeout: 50 })
    pool.on('error', () => {})
    await pool.run(add, [1, 2])
    report((await pool.close()).clean)
  },
  async 'a setup that never settles'() {
    const pool = new Pool({ threads: 0, setup: awaits, loadTimeout: 50 })
    report(((await pool.run(add, [1, 2]).catch((error: unknown) => error)) as { code: string }).code)
  },
}
const endless = (): unknown => new Pool({ threads: 0 }).run(awaits, [])
const reports: Record<string, unknown> = {
  'a pool that is never closed': 3,
  'calls that nobody awaits': 'all',
  'a teardown that never settles': true,
  'a setup that never settles': 'ERR_PARALLEL_WORKER_START',
}

if (program === 'endless') endless()
else if (program !== undefined) programs[program]?.()
else {
  for (const name of Object.keys(programs)) {
    test(`a process ends by itself: ${name}`, async () => {
      assert.equal(reportOf(await runProgram(import.meta.url, name)), reports[name])
    })
  }
  test('a process with a task that never settles goes on until it is killed', async () => {
    const { code } = await runProgram(import.meta.url, 'endless', { seconds: 2 })
    assert.is(code, null)
  })
  test.run()
}
