import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { OptionError } from '../../lib/index.js'
import { add } from '../fixtures/basic.js'
import { rejectionOf, settles, until } from '../support/hang-limit.js'
import { heldPool, newPool, withPool } from '../support/pools.js'

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('needsDrain becomes true at maxQueue and false when half has settled', () =>
  heldPool(
    async (pool, open, held) => {
      let events = 0
      pool.on('needsDrain', () => events++)
      const handles = Array.from({ length: 9 }, (_, i) => pool.run(add, [i, 1]))
      assert.not(pool.needsDrain)
      handles.push(pool.run(add, [9, 1]))
      assert.ok(pool.needsDrain)
      assert.is(events, 1)
      let isDrained = false
      const drained = pool.drained().then(() => {
        isDrained = true
      })
      await nextTurn()
      assert.not(isDrained)
      open()
      await held
      await settles(drained, 'drained()')
      assert.not(pool.needsDrain)
      await Promise.all(handles)
      assert.is(events, 1)
    },
    { maxQueue: 10 },
  ))

test('without maxQueue the mark is 8,192 calls', () =>
  heldPool(async (pool, open) => {
    const handles: PromiseLike<unknown>[] = []
    while (handles.length < 8_191) handles.push(pool.run(add, [1, 2]))
    handles.push(pool.run(add, [1, 2]))
    assert.ok(pool.needsDrain)
    open()
    await settles(pool.drained(), 'drained()')
    assert.not(pool.needsDrain)
    await Promise.all(handles)
  }))

test('drained resolves at once when nothing is too much', () =>
  withPool({ threads: 1 }, async (pool) => {
    await settles(pool.drained(), 'drained()')
    await pool.run(add, [1, 2])
    await settles(pool.drained({}), 'drained()')
  }))

test('a producer that waits for drained() is never refused', () =>
  withPool({ threads: 2, maxQueue: 20 }, async (pool) => {
    let pauses = 0
    let sum = 0
    for (let i = 0; i < 2_000; i++) {
      if (pool.needsDrain) {
        pauses++
        await settles(pool.drained(), 'drained()')
      }
      pool.run(add, [i, 0]).onComplete((value) => {
        sum += value
      })
    }
    assert.ok((await settles(pool.close(), 'close()')).clean)
    await nextTurn()
    assert.is(sum, (1_999 * 2_000) / 2)
    assert.ok(pauses > 0)
  }))

test('drained with a signal that aborts rejects with its reason, and the others wait on', () =>
  heldPool(
    async (pool, open, held) => {
      const waiting = pool.run(add, [1, 2])
      const reason = new Error('the client is gone')
      const controller = new AbortController()
      const aborted = pool.drained({ signal: controller.signal })
      const patient = pool.drained({ signal: new AbortController().signal })
      controller.abort(reason)
      assert.is(await rejectionOf(aborted), reason)
      assert.is(await rejectionOf(pool.drained({ signal: AbortSignal.abort(reason) })), reason)
      open()
      await held
      await waiting
      await settles(patient, 'drained()')
    },
    { maxQueue: 1 },
  ))

test('drained leaves no listener on the signal', () =>
  heldPool(
    async (pool, open) => {
      const waiting = pool.run(add, [1, 2])
      const controller = new AbortController()
      const { signal } = controller
      let listeners = 0
      const [plus, minus] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
      signal.addEventListener = (...args: Parameters<typeof plus>) => {
        listeners++
        plus(...args)
      }
      signal.removeEventListener = (...args: Parameters<typeof minus>) => {
        listeners--
        minus(...args)
      }
      const all = Promise.all([pool.drained({ signal }), pool.drained({ signal })])
      await nextTurn()
      assert.is(listeners, 2)
      open()
      await settles(all, 'drained()')
      assert.is(listeners, 0)
      await waiting
    },
    { maxQueue: 1 },
  ))

test('drained refuses what is no signal, and options that do not exist', () =>
  withPool({ threads: 1 }, async (pool) => {
    for (const [options, message] of [
      [{ signal: 'SIGINT' }, /pool\.drained: signal must be an AbortSignal, not "SIGINT"/],
      [{ signal: null }, /not null/],
      [{ timeout: 5 }, /there is no option "timeout"; there are signal/],
      [null, /must be an object, not null/],
    ] as const) {
      const error = await rejectionOf(pool.drained(options as object))
      assert.instance(error, OptionError)
      assert.match(error.message, message)
    }
  }))

test('the mark follows the limit of concurrent tasks', () =>
  heldPool(
    async (pool, open) => {
      const handles = Array.from({ length: 6 }, (_, i) => pool.run(add, [i, 1]))
      assert.not(pool.needsDrain)
      pool.setMaxConcurrentTasks(1)
      assert.ok(pool.needsDrain)
      pool.setMaxConcurrentTasks(Number.POSITIVE_INFINITY)
      await settles(pool.drained(), 'drained()', 5).catch(() => {}) // more than half of the mark is left
      open()
      await Promise.all(handles)
      await settles(pool.drained(), 'drained()')
    },
    { maxQueue: 5, concurrentTasksPerWorker: 4 },
  ))

test('who waits for drained() is released by close, also by force', async () => {
  for (const timeout of [0, 5_000]) {
    await heldPool(
      async (pool, open) => {
        const handle = pool.run(add, [1, 2])
        const drained = pool.drained()
        const closing = pool.close({ timeout })
        if (timeout > 0) open()
        await settles(closing, 'close()')
        await settles(drained, 'drained()')
        await Promise.allSettled([handle])
      },
      { maxQueue: 1 },
    )
  }
})

test('drain comes after needsDrain, once all has settled', () =>
  withPool({ threads: 1, maxQueue: 5 }, async (pool) => {
    const events: string[] = []
    pool.on('needsDrain', () => events.push('needsDrain')).on('drain', () => events.push('drain'))
    await Promise.all(Array.from({ length: 6 }, (_, i) => pool.run(add, [i, 1])))
    await until(() => events.length === 2, 'both events')
    assert.equal(events, ['needsDrain', 'drain'])
  }))

test('needsDrain of a pool that never ran is false', async () => {
  const pool = newPool({ threads: 1 })
  assert.not(pool.needsDrain)
  await pool.drained()
  await pool.close()
  assert.not(pool.needsDrain)
})

test.run()
