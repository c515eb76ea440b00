import { AsyncLocalStorage } from 'node:async_hooks'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { OptionError, type PoolOptions, QueueFullError, SyncWaitError, type TaskHandle } from '../../lib/index.js'
import { add, asyncEcho, asyncFail, echo, fail, spin } from '../fixtures/basic.js'
import { awaitMany, failInChild, fibGet } from '../fixtures/family.js'
import { holdAwaiting } from '../fixtures/gates.js'
import { contextHere } from '../fixtures/inside.js'
import { arrivals, newGate, openGate } from '../support/gate.js'
import { rejectionOf, settles, thrownBy, until } from '../support/hang-limit.js'
import { heldPool, holds, newPool, onHost, withPool } from '../support/pools.js'

// ---- reject

test('reject: what comes to a full queue is a QueueFullError with numbers and the way out', () =>
  heldPool(
    async (pool, open, held) => {
      const waiting = [pool.run(add, [1, 1]), pool.run(add, [2, 2]), pool.run(add, [3, 3])]
      const refused = pool.run(add, [4, 4])
      assert.ok(refused.isSettled)
      assert.is(refused.state, 'failed')
      const error = await rejectionOf(refused)
      assert.instance(error, QueueFullError)
      assert.is(error.code, 'ERR_PARALLEL_QUEUE_FULL')
      assert.equal([error.capacity, error.queued], [3, 3])
      assert.match(error.message, /"add" was refused: the queue of pool "[^"]+" is full \(maxQueue 3, 3 waiting\)/)
      assert.match(error.message, /drained\(\)/)
      open()
      await held
      assert.equal(await Promise.all(waiting), [2, 4, 6])
      assert.is(await pool.run(add, [5, 5]), 10, 'there is room again')
    },
    { maxQueue: 3 },
  ))

test('reject: a cancelled call makes room', () =>
  heldPool(
    async (pool) => {
      const waiting = pool.run(add, [1, 1])
      assert.instance(await rejectionOf(pool.run(add, [2, 2])), QueueFullError)
      assert.ok(waiting.cancel())
      const next = pool.run(add, [3, 3])
      assert.is(next.state, 'queued')
      next.cancel()
    },
    { maxQueue: 1 },
  ))

test('maxQueue 0 takes what can run at once, and nothing that would wait', () =>
  withPool({ threads: 2, maxQueue: 0 }, async (pool) => {
    const gate = newGate()
    const places = onHost ? 1 : 2
    const running = Array.from({ length: places }, () => pool.run(holds, [gate, 'held']))
    const error = await rejectionOf(pool.run(add, [1, 2]))
    assert.instance(error, QueueFullError)
    assert.is(error.capacity, 0)
    await arrivals(gate, places)
    openGate(gate)
    await Promise.all(running)
    for (let i = 0; i < 20; i++) assert.is(await pool.run(add, [i, 1]), i + 1)
  }))

test('the places that run are counted with concurrentTasksPerWorker and the limit of concurrent tasks', () =>
  withPool({ threads: 1, concurrentTasksPerWorker: 3, maxQueue: 2 }, async (pool) => {
    const gate = newGate()
    const handles: TaskHandle<unknown>[] = []
    for (let i = 0; i < 5; i++) handles.push(pool.run(holds, [gate]))
    assert.instance(await rejectionOf(pool.run(add, [1, 2])), QueueFullError)
    openGate(gate)
    await Promise.all(handles)
    pool.setMaxConcurrentTasks(1)
    const second = newGate()
    const fewer = [1, 2, 3].map(() => pool.run(holds, [second]))
    assert.instance(await rejectionOf(pool.run(add, [1, 2])), QueueFullError)
    openGate(second)
    await Promise.all(fewer)
  }))

test('children are not counted', () =>
  withPool({ threads: 1, maxQueue: 1 }, async (pool) => {
    assert.is(await pool.run(awaitMany, [200]), 39_800)
  }))

// ---- drop-oldest

test('drop-oldest: the call that has waited longest makes room', () =>
  heldPool(
    async (pool, open, held) => {
      const handles = Array.from({ length: 5 }, (_, i) => pool.run(add, [i, 0]))
      assert.equal(
        handles.map(({ state }) => state),
        ['cancelled', 'cancelled', 'cancelled', 'queued', 'queued'],
      )
      const error = await rejectionOf(handles[0] as PromiseLike<number>)
      assert.instance(error, QueueFullError)
      assert.match(error.message, /"add" was dropped for a newer one/)
      assert.equal([error.capacity, error.queued], [2, 2])
      assert.is(pool.stats().cancelled, 3)
      open()
      await held
      assert.equal(await Promise.all(handles.slice(3)), [3, 4])
      await Promise.allSettled(handles)
    },
    { maxQueue: 2, overflow: 'drop-oldest' },
  ))

test('drop-oldest goes by age, whatever the priority', () =>
  heldPool(
    async (pool, open, held) => {
      const high = pool.run(add, [1, 0], { priority: 3 })
      const low = pool.run(add, [2, 0], { priority: -3 })
      const next = pool.run(add, [3, 0], { priority: -3 })
      const last = pool.run(add, [4, 0], { priority: 3 })
      assert.equal(
        [high, low, next, last].map(({ state }) => state),
        ['cancelled', 'cancelled', 'queued', 'queued'],
      )
      open()
      await held
      assert.equal(await Promise.all([next, last]), [3, 4])
    },
    { maxQueue: 2, overflow: 'drop-oldest' },
  ))

test('drop-oldest never drops what runs: then the new call is refused', () =>
  heldPool(
    async (pool, open, held) => {
      const error = await rejectionOf(pool.run(add, [1, 2]))
      assert.instance(error, QueueFullError)
      assert.match(error.message, /was refused/)
      assert.is(held.state, 'running')
      open()
      assert.is(await held, 'held')
    },
    { maxQueue: 0, overflow: 'drop-oldest' },
  ))

test('drop-oldest passes over what was cancelled and what has settled', () =>
  heldPool(
    async (pool, open, held) => {
      const [a, b, c] = [pool.run(add, [1, 0]), pool.run(add, [2, 0]), pool.run(add, [3, 0])]
      assert.ok(a.cancel())
      const d = pool.run(add, [4, 0])
      assert.equal(
        [a, b, c, d].map(({ state }) => state),
        ['cancelled', 'queued', 'queued', 'queued'],
      )
      const e = pool.run(add, [5, 0])
      assert.is(b.state, 'cancelled')
      open()
      await held
      assert.equal(await Promise.all([c, d, e]), [3, 4, 5])
    },
    { maxQueue: 3, overflow: 'drop-oldest' },
  ))

test('drop-oldest: a flood settles every call once, the newest with their values', () =>
  withPool({ threads: 2, maxQueue: 50, overflow: 'drop-oldest' }, async (pool) => {
    const handles = Array.from({ length: 20_000 }, (_, i) => pool.run(add, [i, 0]))
    const outcomes = await settles(Promise.allSettled(handles), 'the flood')
    let dropped = 0
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') assert.is(outcome.value, i)
      else {
        dropped++
        assert.instance(outcome.reason, QueueFullError)
      }
    }
    assert.is(outcomes.at(-1)?.status, 'fulfilled')
    assert.is(pool.stats().cancelled, dropped)
    assert.is(pool.stats().completed, 20_000 - dropped)
  }))

// ---- caller-runs

test('caller-runs: a call that finds no room runs at once, on the thread that calls', () =>
  heldPool(
    async (pool, open, held) => {
      const waiting = pool.run(add, [1, 1])
      const here = pool.run(add, [2, 2])
      assert.ok(here.isSettled)
      assert.is(here.state, 'ok')
      assert.is(here.get(), 4)
      assert.is(here.workerId, undefined)
      assert.is(waiting.state, 'queued')
      const list = [1]
      const copied = pool.run(echo, [list])
      assert.is.not(copied.get(), list)
      assert.equal(await copied, [1])
      open()
      await held
      assert.is(await waiting, 2)
      assert.is(pool.stats().completed, 4)
    },
    { maxQueue: 1, overflow: 'caller-runs' },
  ))

test('caller-runs: async tasks, failures and families', () =>
  heldPool(
    async (pool, open) => {
      assert.is(await pool.run(asyncEcho, ['later']), 'later')
      const failing = pool.run(fail, ['oh'])
      assert.is(failing.state, 'failed')
      assert.instance(await rejectionOf(failing), RangeError)
      assert.is((await rejectionOf(pool.run(asyncFail, ['no']))).message, 'no')
      assert.is((await rejectionOf(pool.run(echo, [() => {}]))).code, 'ERR_PARALLEL_PAYLOAD')
      assert.is(await pool.run(awaitMany, [50]), 2_450)
      assert.is(pool.run(fibGet, [10]).get(), 55)
      assert.is((await rejectionOf(pool.run(failInChild, ['get', 'below']))).message, 'below')
      assert.instance(
        thrownBy(() => pool.run(asyncEcho, ['x']).get()),
        SyncWaitError,
      )
      const counts = pool.stats()
      assert.is(counts.failed, 3, 'what was refused for its arguments does not count')
      open()
    },
    { maxQueue: 0, overflow: 'caller-runs' },
  ))

test('caller-runs: the task does not see the context of the caller', () =>
  heldPool(
    async (pool) => {
      const storage = new AsyncLocalStorage<string>()
      ;(globalThis as { contextOfTests?: unknown }).contextOfTests = storage
      assert.is(await storage.run('request', () => pool.run(contextHere, [])), 'none')
      assert.is(
        await storage.run('request', () => pool.run(contextHere, []).then(() => storage.getStore())),
        'request',
        'and the caller keeps it',
      )
    },
    { maxQueue: 0, overflow: 'caller-runs' },
  ))

test('caller-runs: a call inside such a task is its child, and no call of the pool', () =>
  heldPool(
    async (pool, open, held) => {
      const handles = Array.from({ length: 20 }, (_, i) => pool.run(awaitMany, [i]))
      const sums = await settles(Promise.all(handles), 'the families')
      assert.ok(sums.every((sum, i) => sum === i * (i - 1)))
      open()
      await held
      assert.is((await settles(pool.close(), 'close()')).clean, true)
    },
    { maxQueue: 0, overflow: 'caller-runs' },
  ))

test('caller-runs: close waits for what runs on the caller, or takes it away', async () => {
  for (const timeout of [10_000, 0]) {
    const pool = newPool({ threads: 1, maxQueue: 0, overflow: 'caller-runs' })
    const gate = newGate()
    const held = pool.run(holds, [gate, 'held'])
    await arrivals(gate, 1)
    const here = pool.run(holdAwaiting, [gate, 'here'])
    await arrivals(gate, 2)
    const closing = pool.close({ timeout })
    if (timeout > 0) openGate(gate)
    const report = await settles(closing, 'close()')
    openGate(gate)
    assert.is(report.clean, timeout > 0)
    assert.is(report.terminated, timeout > 0 ? 0 : 2)
    if (timeout > 0) assert.equal(await Promise.all([held, here]), ['held', 'here'])
    else for (const handle of [held, here]) assert.is((await rejectionOf(handle)).code, 'ERR_PARALLEL_SHUTDOWN')
  }
})

test('caller-runs: a flood settles every call with its value', () =>
  withPool({ threads: 2, maxQueue: 4, overflow: 'caller-runs' }, async (pool) => {
    const handles: TaskHandle<number>[] = []
    for (let i = 0; i < 3_000; i++)
      handles.push(i % 50 === 0 ? (pool.run(asyncEcho, [i]) as TaskHandle<number>) : pool.run(add, [i, 0]))
    const values = await settles(Promise.all(handles), 'the flood')
    assert.ok(values.every((value, i) => value === i))
    assert.is(pool.stats().completed, 3_000)
    await until(() => pool.stats().queued === 0, 'rest')
  }))

test('caller-runs: the drain event and close see the calls of the caller', () =>
  heldPool(
    async (pool, open, held) => {
      const drained = new Promise<void>((resolve) => pool.once('drain', resolve))
      const here = pool.run(spin, [100])
      assert.ok(here.isSettled)
      open()
      await held
      await settles(drained, 'drain')
    },
    { maxQueue: 0, overflow: 'caller-runs' },
  ))

// ---- options

const wrong: [PoolOptions | object, RegExp][] = [
  [{ maxQueue: -1 }, /Pool: maxQueue must be an integer from 0 to \d+, not -1/],
  [{ maxQueue: 1.5 }, /not 1\.5/],
  [{ maxQueue: '5' }, /not "5"/],
  [{ maxQueue: null }, /not null/],
  [{ maxQueue: Number.NaN }, /not NaN/],
  [{ overflow: 'drop' }, /Pool: overflow must be reject, drop-oldest or caller-runs, not "drop"/],
  [{ overflow: null }, /not null/],
]
for (const [options, message] of wrong) {
  test(`a pool refuses ${JSON.stringify(options)}`, () => {
    const error = thrownBy(() => newPool(options))
    assert.instance(error, OptionError)
    assert.match(error.message, message)
  })
}

test('maxQueue Infinity is no limit', () =>
  withPool({ threads: 1, maxQueue: Number.POSITIVE_INFINITY }, async (pool) => {
    const values = await Promise.all(Array.from({ length: 10_000 }, (_, i) => pool.run(add, [i, 1])))
    assert.is(values.length, 10_000)
  }))

test.run()
