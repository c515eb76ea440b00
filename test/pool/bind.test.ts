import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { OptionError, type Pool, type PoolOptions, parallel } from '../../lib/index.js'
import { add, asyncEcho, who } from '../fixtures/basic.js'
import { exitTimes } from '../fixtures/deaths.js'
import { record } from '../fixtures/gates.js'
import { rejectionOf, thrownBy } from '../support/hang-limit.js'
import { heldPool, newPool, onHost, threaded, withPool } from '../support/pools.js'

// ---- bind

test('bind gives the same functions on this pool, with their options', () =>
  withPool({ threads: 1 }, async (pool) => {
    const named = add.with({ name: 'sum', metadata: { tenant: 'a' }, priority: 2 })
    const bound = pool.bind({ add, named, inline: parallel((x: number) => x * 2) })
    assert.equal(Object.keys(bound), ['add', 'named', 'inline'])
    assert.is(await bound.add(1, 2), 3)
    assert.is(await bound.inline(4), 8)
    const handle = bound.named(3, 4)
    assert.is(handle.name, 'sum')
    assert.equal(handle.metadata, { tenant: 'a' })
    assert.is(await handle, 7)
    assert.is(bound.named.taskName, 'sum')
    assert.is(bound.add.local, add.local)
    assert.is(pool.stats().completed, 3)
  }))

test('bind binds to the last pool, and leaves the functions as they were', () =>
  withPool({ threads: 1 }, (first) =>
    withPool({ threads: 1 }, async (second) => {
      const once = first.bind({ add })
      const twice = second.bind(once)
      await twice.add(1, 2)
      await once.add(1, 2)
      assert.equal([first.stats().completed, second.stats().completed], [1, 1])
    }),
  ))

test('bind of nothing is nothing', () => withPool({ threads: 1 }, (pool) => assert.equal(pool.bind({}), {})))

test('bind takes an object of parallel functions only', () =>
  withPool({ threads: 1 }, (pool) => {
    for (const [tasks, message] of [
      [null, /pool\.bind: tasks must be an object of parallel functions, not null/],
      [undefined, /not undefined/],
      [7, /not 7/],
      [{ add, plain: (x: number) => x }, /pool\.bind: "plain" needs a function that parallel\(\) made, not/],
      [{ add: null }, /pool\.bind: "add" needs a function that parallel\(\) made, not null/],
      [{ nested: { add } }, /"nested"/],
    ] as const) {
      const error = thrownBy(() => pool.bind(tasks as never))
      assert.instance(error, OptionError)
      assert.match(error.message, message)
    }
  }))

test('bound functions of a closed pool reject', async () => {
  const pool = newPool({ threads: 1 })
  const bound = pool.bind({ add })
  await pool.close()
  assert.is((await rejectionOf(bound.add(1, 2))).code, 'ERR_PARALLEL_SHUTDOWN')
})

// ---- the pool's defaults of task options

/** Lends a pool with defaults whose worker is held. */
const held = (body: (pool: Pool, open: () => void) => Promise<void>, options: PoolOptions): Promise<void> =>
  heldPool((pool, open) => body(pool, open), options)

test('priority of the pool is for calls whose function does not say', () =>
  held(
    async (pool, open) => {
      const log = new Int32Array(new SharedArrayBuffer(20 * 4))
      const handles = [
        pool.run(record, [log, 0]),
        pool.run(record, [log, 1], { priority: 0 }),
        pool.run(record, [log, 2], { priority: 3 }),
        pool.run(record.with({ priority: -1 }), [log, 3]),
        pool.run(record, [log, 4]),
        pool.bind({ record }).record(log, 5),
      ]
      open()
      await Promise.all(handles)
      assert.equal([...log.subarray(1, 7)], [2, 1, 3, 0, 4, 5])
    },
    { priority: -2 },
  ))

test('metadata of the pool is for calls whose function does not say', () =>
  withPool({ threads: 1, metadata: { service: 'images' } }, async (pool) => {
    const handles = [
      pool.run(add, [1, 2]),
      pool.run(add, [1, 2], { metadata: { tenant: 'b' } }),
      pool.run(add.with({ metadata: { tenant: 'a' } }), [1, 2]),
      pool.broadcast(add, [1, 2]),
    ]
    assert.equal(
      handles.map(({ metadata }) => metadata),
      [{ service: 'images' }, { tenant: 'b' }, { tenant: 'a' }, { service: 'images' }],
    )
    await Promise.all<unknown>(handles)
  }))

threaded('workers die')('idempotent of the pool is for calls whose function does not say', () =>
  withPool({ threads: 1, idempotent: true }, async (pool) => {
    const runs = (): Int32Array => new Int32Array(new SharedArrayBuffer(4))
    const handle = pool.run(exitTimes, [runs(), 1])
    assert.is(await handle, 2)
    assert.is(handle.attempt, 2)
    const once = pool.run(exitTimes, [runs(), 1], { idempotent: false })
    assert.is((await rejectionOf(once)).code, 'ERR_PARALLEL_WORKER_LOST')
  }),
)

test('two pools give one function their own defaults, call by call', () =>
  withPool({ threads: 1, metadata: { of: 'first' } }, (first) =>
    withPool({ threads: 1, metadata: { of: 'second' } }, async (second) => {
      for (let i = 0; i < 10; i++) {
        const pool = i % 2 === 0 ? first : second
        const handle = pool.run(asyncEcho, [i])
        assert.equal(handle.metadata, { of: i % 2 === 0 ? 'first' : 'second' })
        assert.is(await handle, i)
      }
      assert.is(await first.run(who, []), onHost ? undefined : 1)
    }),
  ))

test('the defaults of a pool are checked', () => {
  for (const [options, message] of [
    [{ priority: 4 }, /Pool: priority must be an integer from -3 to 3, not 4/],
    [{ priority: '1' }, /not "1"/],
    [{ idempotent: 'yes' }, /Pool: idempotent must be true or false, not "yes"/],
    [{ metadata: 5 }, /Pool: metadata must be an object, not 5/],
    [{ pool: {} }, /there is no option "pool"/],
  ] as const) {
    const error = thrownBy(() => newPool(options as object))
    assert.instance(error, OptionError)
    assert.match(error.message, message)
  }
})

test.run()
