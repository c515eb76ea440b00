import { AsyncLocalStorage } from 'node:async_hooks'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  OptionError,
  type Pool,
  parallel,
  ShutdownError,
  TaskCancelledError,
  TaskTimeoutError,
} from '../../lib/index.js'
import { add, asyncEcho, asyncFail, echo, fail, spin } from '../fixtures/basic.js'
import { exit } from '../fixtures/deaths.js'
import { arrivals, newGate, openGate } from '../support/gate.js'
import { rejectionOf, settles, thrownBy, until } from '../support/hang-limit.js'
import { heldPool, holds, newPool, onHost, threaded, withPool } from '../support/pools.js'
import { program, report, reportOf, runProgram } from '../support/programs.js'

const pool = newPool({ threads: 1 })

const laterMicrotask = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

// ---- as a promise

test('a handle is a native promise of the value', async () => {
  const handle = pool.run(add, [1, 2])
  assert.instance(handle, Promise)
  assert.is(handle.constructor, Promise)
  assert.is(Promise.resolve(handle), handle)
  assert.is(await handle, 3)
  assert.is(await handle, 3, 'any number of times')
})

test('then, catch and finally give plain promises', async () => {
  const doubled = pool.run(add, [1, 2]).then((sum) => sum * 2)
  assert.is(Object.getPrototypeOf(doubled), Promise.prototype)
  assert.is(await doubled, 6)
  const message = pool.run(fail, ['oh']).catch((error: Error) => error.message)
  assert.is(await message, 'oh')
  const seen: string[] = []
  assert.is(await pool.run(add, [1, 2]).finally(() => seen.push('finally')), 3)
  assert.instance(await rejectionOf(pool.run(fail, ['oh']).finally(() => seen.push('finally'))), RangeError)
  assert.equal(seen, ['finally', 'finally'])
})

test('Promise.all, race, any and allSettled take handles', async () => {
  assert.equal(await Promise.all([pool.run(add, [1, 2]), pool.run(echo, ['x'])]), [3, 'x'])
  await heldPool(async (own, _open, held) => {
    assert.is(await Promise.race([held, own.run(add, [1, 1]), pool.run(add, [2, 2])]), 4)
    assert.is(await Promise.any([pool.run(fail, ['oh']), pool.run(add, [3, 3])]), 6)
  })
  const outcomes = await Promise.allSettled([
    pool.run(add, [1, 2]),
    pool.run(fail, ['oh']),
    pool.run(asyncFail, ['no']),
  ])
  assert.equal(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected'],
  )
  assert.instance(await rejectionOf(Promise.all([pool.run(add, [1, 2]), pool.run(fail, ['oh'])])), RangeError)
})

test('what a task throws is what the caller catches', async () => {
  const error = await rejectionOf(pool.run(fail, ['too much']))
  assert.instance(error, RangeError)
  assert.is(error.message, 'too much')
  assert.match(error.stack, /basic\.[jt]s/)
  assert.instance(await rejectionOf(pool.run(asyncFail, ['later'])), RangeError)
})

test('the stack of an error holds the frames of the worker, then the functions that await it', async () => {
  const inner = async (call: () => PromiseLike<unknown>): Promise<unknown> => await call()
  async function outer(call: () => PromiseLike<unknown>): Promise<unknown> {
    return [await inner(call)]
  }
  const framesOf = async (call: () => PromiseLike<unknown>): Promise<string[]> => {
    const { stack } = await rejectionOf(outer(call))
    return (stack as string).match(/basic\.[jt]s|async Promise\.all|(async )?(inner|outer)/g) ?? []
  }
  const awaiting = ['async inner', 'async outer']
  const ways: [() => PromiseLike<unknown>, string[]][] = [
    [() => pool.run(fail, ['oh']), awaiting],
    [() => pool.run(asyncFail, ['oh']), awaiting],
    [() => Promise.all([pool.run(add, [1, 2]), pool.run(fail, ['oh'])]), ['async Promise.all', ...awaiting]],
  ]
  for (const [call, callers] of ways) {
    const [where, ...rest] = await framesOf(call)
    assert.match(where as string, 'basic')
    assert.equal(rest, callers)
  }
  assert.equal(await framesOf(() => pool.run(echo, [() => {}])), ['inner', 'outer'], 'refused at the call')
})

test('the stack of an error that get throws holds the frames of the worker, then the caller', () => {
  const handle = pool.run(fail, ['oh'])
  function getter(): unknown {
    return handle.get()
  }
  const stack: string = thrownBy(getter).stack
  assert.ok(stack.indexOf('basic.') > 0 && stack.indexOf('at getter') > stack.indexOf('basic.'), stack)
  assert.not.match(stack, /handle\.[jt]s/)
  assert.is(thrownBy(getter).stack, stack, 'once')
})

test('an error that is no Error, or whose stack is none, arrives as it is', async () => {
  const throwsText = parallel(() => {
    throw 'text'
  })
  const throwsBare = parallel(() => {
    throw Object.assign(new Error('bare'), { stack: undefined })
  })
  assert.is(await rejectionOf(pool.run(throwsText, [])), 'text')
  assert.is((await rejectionOf(pool.run(throwsBare, []))).message, 'bare')
})

// ---- synchronously

test('get blocks until the value is there', () => {
  assert.is(pool.run(add, [1, 2]).get(), 3)
  if (!onHost) assert.is(pool.run(asyncEcho, ['async']).get(), 'async') // it needs the event loop of the host
  const handle = pool.run(add, [3, 4])
  assert.is(handle.get(), 7)
  assert.is(handle.get(), 7, 'any number of times')
  assert.ok(handle.isSettled)
})

test('get throws what the task threw', () => {
  const handle = pool.run(fail, ['oh'])
  assert.instance(
    thrownBy(() => handle.get()),
    RangeError,
  )
  assert.instance(
    thrownBy(() => handle.get()),
    RangeError,
  )
  assert.is(
    thrownBy(() => handle.get()),
    thrownBy(() => handle.tryGet()),
  )
})

threaded('the held task needs the event loop')(
  'get throws a TaskTimeoutError when its time is up, and the task goes on',
  () =>
    heldPool(async (_own, open, held) => {
      const error = thrownBy(() => held.get(30))
      assert.instance(error, TaskTimeoutError)
      assert.is(error.name, 'TimeoutError')
      assert.is(error.code, 'ERR_PARALLEL_TIMEOUT')
      assert.is(error.limit, 'get')
      assert.match(error.message, /30 ms/)
      assert.match(error.message, /"hold"/)
      assert.not(held.isSettled)
      assert.is(thrownBy(() => held.get(0)).limit, 'get', 'a timeout of 0 only looks')
      open()
      assert.is(held.get(20_000), 'held')
    }),
)

threaded('the held task needs the event loop')('wait says whether the task has settled, and throws nothing', () =>
  heldPool(async (own, open, held) => {
    assert.is(held.wait(20), false)
    assert.is(held.wait(0), false)
    const failing = own.run(fail, ['oh'])
    open()
    assert.is(held.wait(20_000), true)
    assert.is(failing.wait(), true)
    assert.is(failing.state, 'failed')
    await rejectionOf(failing)
  }),
)

test('tryGet gives the value, undefined while pending, and throws what the task threw', () =>
  heldPool(async (own, open, held) => {
    const failing = own.run(fail, ['oh'])
    assert.is(held.tryGet(), undefined)
    assert.is(failing.tryGet(), undefined)
    open()
    await held
    assert.is(held.tryGet(), 'held')
    failing.wait()
    assert.instance(
      thrownBy(() => failing.tryGet()),
      RangeError,
    )
  }))

test('a timeout that is none is an OptionError', () => {
  const handle = pool.run(add, [1, 2])
  for (const wrong of [-1, Number.NaN, '5', null, {}, Number.NEGATIVE_INFINITY]) {
    for (const act of [() => handle.get(wrong as number), () => handle.wait(wrong as number)]) {
      const error = thrownBy(act)
      assert.instance(error, OptionError, String(wrong))
      assert.match(error.message, /timeout/)
    }
  }
  const date = Date.now() + 1_000
  const error = thrownBy(() => handle.get(date))
  assert.instance(error, OptionError)
  assert.ok(error.message.includes(String(date)), error.message)
  assert.match(error.message, /date/)
  assert.is(handle.get(Number.POSITIVE_INFINITY), 3)
  assert.is(handle.get(2 ** 31 - 1), 3)
})

// ---- cancel

test('cancel of a task that has not started is true, and it never runs', () =>
  heldPool(async (own, open, held) => {
    const runs = new Int32Array(new SharedArrayBuffer(4))
    const mark = parallel((words: Int32Array) => Atomics.add(words, 0, 1))
    const handle = own.run(mark, [runs])
    const reason = new Error('changed my mind')
    assert.is(handle.cancel(reason), true)
    assert.is(handle.state, 'cancelled')
    assert.ok(handle.isSettled)
    const error = await rejectionOf(handle)
    assert.instance(error, TaskCancelledError)
    assert.is(error.name, 'AbortError')
    assert.is(error.code, 'ERR_PARALLEL_CANCELLED')
    assert.is(error.cause, reason)
    assert.match(error.message, /changed my mind/)
    assert.is(handle.cancel(), false, 'only one call cancels it')
    open()
    await held
    await own.run(add, [1, 2])
    assert.is(Atomics.load(runs, 0), 0)
    assert.is(own.stats().cancelled, 1)
  }))

test('cancel of a running and of a settled task is false', () =>
  heldPool(async (_own, open, held) => {
    assert.is(held.cancel(), false)
    assert.is(held.state, 'running')
    open()
    assert.is(await held, 'held')
    assert.is(held.cancel(), false)
    assert.is(held.state, 'ok')
  }))

test('a call that waits outside of the shared slots can be cancelled', () =>
  heldPool(async (own, open) => {
    const handles = Array.from({ length: 12_000 }, (_, i) => own.run(add, [i, 0]))
    const cancelled = handles.filter((_, i) => i % 2 === 1)
    for (const handle of cancelled) assert.is(handle.cancel(), true)
    assert.is(own.stats().cancelled, 6_000)
    open()
    const kept = await Promise.all(handles.filter((_, i) => i % 2 === 0))
    assert.ok(kept.every((value, i) => value === 2 * i))
    for (const handle of cancelled) assert.is(handle.state, 'cancelled')
  }))

test('Symbol.dispose cancels', () =>
  heldPool(async (own) => {
    const handle = own.run(add, [1, 2])
    handle[Symbol.dispose]()
    assert.is(handle.state, 'cancelled')
    assert.instance(await rejectionOf(handle), TaskCancelledError)
  }))

// ---- what it knows

test('state goes from queued over running to ok or failed', () =>
  heldPool(async (own, open, held) => {
    const next = own.run(add, [1, 2])
    const failing = own.run(fail, ['oh'])
    assert.is(held.state, 'running')
    assert.is(next.state, 'queued')
    assert.not(next.isSettled)
    open()
    await held
    await next
    await rejectionOf(failing)
    assert.is(held.state, 'ok')
    assert.is(next.state, 'ok')
    assert.is(failing.state, 'failed')
    assert.ok(next.isSettled && failing.isSettled)
  }))

test('a call that waits outside of the shared slots is queued', () =>
  heldPool(async (own, open) => {
    const handles = Array.from({ length: 10_000 }, (_, i) => own.run(add, [i, 0]))
    assert.ok(handles.every(({ state }) => state === 'queued'))
    open()
    await Promise.all(handles)
  }))

test('a handle knows its task', async () => {
  const named = add.with({ name: 'sum', metadata: { tenant: 'a' } })
  const handle = pool.run(named, [1, 2])
  const next = pool.run(named, [1, 2], { metadata: { tenant: 'b' } })
  assert.type(handle.id, 'number')
  assert.is.not(handle.id, next.id)
  assert.is(handle.name, 'sum')
  assert.equal(handle.metadata, { tenant: 'a' })
  assert.equal(next.metadata, { tenant: 'b' })
  assert.is(handle.attempt, 1)
  await Promise.all([handle, next])
  assert.is(handle.workerId, onHost ? undefined : 1)
})

test('timing says how long a task was queued and how long it ran', () =>
  heldPool(async (own, open, held) => {
    const handle = own.run(spin, [20_000])
    await laterMicrotask()
    const before = handle.timing
    assert.ok(before.queuedMs > 0)
    assert.is(before.runMs, 0)
    open()
    await held
    await handle
    const { queuedMs, runMs, totalMs } = handle.timing
    assert.ok(queuedMs >= before.queuedMs, `queued ${queuedMs} ms`)
    assert.ok(runMs >= 19.5 && runMs < 5_000, `ran ${runMs} ms`)
    assert.ok(Math.abs(totalMs - queuedMs - runMs) < 0.001)
    await laterMicrotask()
    assert.equal(handle.timing, { queuedMs, runMs, totalMs }, 'it stands still afterwards')
  }))

test('timing of a cancelled task ends when it was cancelled', () =>
  heldPool(async (own) => {
    const handle = own.run(add, [1, 2])
    await laterMicrotask()
    handle.cancel()
    const { queuedMs, runMs } = handle.timing
    assert.ok(queuedMs > 0)
    assert.is(runMs, 0)
    await laterMicrotask()
    assert.is(handle.timing.queuedMs, queuedMs)
  }))

// ---- callbacks

test('onComplete calls each callback once with the value, in a later microtask, and returns the handle', async () => {
  const handle = pool.run(add, [1, 2])
  const calls: unknown[] = []
  assert.is(
    handle.onComplete((value, from) => calls.push(value, from === handle)),
    handle,
  )
  handle.onComplete((value) => calls.push(value))
  assert.is(handle.get(), 3)
  assert.equal(calls, [], 'never within get()')
  await laterMicrotask()
  assert.equal(calls, [3, true, 3])
  handle.onComplete((value) => calls.push(`late ${value}`))
  assert.is(calls.length, 3, 'never at once')
  await null
  await null
  assert.equal(calls.slice(3), ['late 3'])
  await laterMicrotask()
  assert.is(calls.length, 4)
})

test('what settles together is told in the order of native promises, a failure one microtask later', async () => {
  await pool.run(add, [1, 2])
  const log: string[] = []
  const [a, b, c] = [pool.run(add, [1, 2]), pool.run(fail, ['oh']), pool.run(add, [3, 4])]
  void a.then(() => log.push('a'))
  a.onComplete(() => log.push('a, onComplete'))
  void a.then(() => log.push('a, again')).then(() => log.push('a, next'))
  b.onError(() => log.push('b, onError'))
  b.catch(() => log.push('b'))
  void c.then(() => log.push('c'))
  for (const handle of [a, b, c]) assert.ok(handle.wait())
  void Promise.resolve().then(() => log.push('plain'))
  queueMicrotask(() => log.push('microtask'))
  assert.equal(log, [], 'nothing at once')
  await laterMicrotask()
  const told = (...names: string[]): number[] => names.map((name) => log.indexOf(name))
  const sorted = (indices: number[]): boolean =>
    indices.every((index, i) => index >= 0 && (i === 0 || index > (indices[i - 1] as number)))
  assert.ok(sorted(told('a', 'a, again', 'c', 'plain', 'microtask', 'a, next')), log.join())
  assert.ok(sorted(told('c', 'b, onError', 'b')), log.join())
  assert.ok(log.includes('a, onComplete'))
  assert.is(log.length, 9)
})

test('onError calls each callback once with the error, in a later microtask, and returns the handle', async () => {
  const handle = pool.run(fail, ['oh'])
  const calls: unknown[] = []
  assert.is(
    handle.onError((error, from) => calls.push(error, from === handle)),
    handle,
  )
  assert.ok(handle.wait())
  assert.equal(calls, [])
  await laterMicrotask()
  assert.is(calls.length, 2)
  assert.instance(calls[0], RangeError)
  assert.is(calls[1], true)
  handle.onError((error) => calls.push(error))
  assert.is(calls.length, 2)
  await laterMicrotask()
  assert.is(calls.length, 3)
  assert.is(calls[2], calls[0])
})

test('onError is not called for a value, onComplete not for an error', async () => {
  const wrong: unknown[] = []
  const good = pool.run(add, [1, 2]).onError((error) => wrong.push(error))
  const bad = pool.run(fail, ['oh']).onComplete((value) => wrong.push(value))
  await good
  await rejectionOf(bad)
  good.onError((error) => wrong.push(error))
  bad.onComplete((value) => wrong.push(value))
  await laterMicrotask()
  assert.equal(wrong, [])
})

test('onError is called for a cancelled task', () =>
  heldPool(async (own) => {
    const errors: unknown[] = []
    const handle = own.run(add, [1, 2]).onError((error) => errors.push(error))
    handle.cancel()
    assert.equal(errors, [])
    await laterMicrotask()
    assert.is(errors.length, 1)
    assert.instance(errors[0], TaskCancelledError)
  }))

test('a callback that throws is an error of the pool, and the others are called', async () => {
  const errors: unknown[] = []
  const onError = (error: unknown): void => {
    errors.push(error)
  }
  pool.on('error', onError)
  const calls: string[] = []
  const oops = new Error('from a callback')
  await pool
    .run(add, [1, 2])
    .onComplete(() => {
      throw oops
    })
    .onComplete(() => calls.push('second'))
  await rejectionOf(
    pool
      .run(fail, ['oh'])
      .onError(() => {
        throw oops
      })
      .onError(() => calls.push('fourth')),
  )
  await laterMicrotask()
  pool.off('error', onError)
  assert.equal(calls, ['second', 'fourth'])
  assert.is(errors.length, 2)
  assert.ok(errors.every((error) => error === oops))
})

test('callbacks run in the async context that they were given in', async () => {
  const storage = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  const note = (): void => {
    seen.push(storage.getStore())
  }
  const [good, bad] = [pool.run(add, [1, 2]), pool.run(fail, ['oh'])]
  storage.run('one', () => {
    good.onComplete(note)
    bad.onError(note)
  })
  storage.run('two', () => {
    good.onComplete(note)
    bad.onError(note)
    void good.then(note)
    void pool.run(spin, [2_000]).then(note)
  })
  await good
  await rejectionOf(bad)
  await until(() => seen.length === 6, 'the callbacks')
  assert.equal([...seen].sort(), ['one', 'one', 'two', 'two', 'two', 'two'])
})

test('a task that starts the pool does not lend its context to the pool', async () => {
  const storage = new AsyncLocalStorage<string>()
  await withPool({ threads: 1 }, async (own) => {
    await storage.run('request', () => own.run(add, [1, 2]))
    const seen = new Promise((resolve) => own.once('drain', () => resolve(storage.getStore())))
    void own.run(spin, [5_000])
    assert.is(await settles(seen, 'drain'), undefined)
  })
})

test('a callback may block for another handle, and call and cancel', async () => {
  const values = await new Promise((resolve) => {
    pool.run(add, [1, 2]).onComplete((sum) => {
      const inner = pool.run(add, [sum, 1])
      const cancelled = pool.run(spin, [10])
      const state = cancelled.cancel() ? 'cancelled' : 'ran'
      resolve([inner.get(), cancelled.state === 'cancelled' ? 'cancelled' : 'ran', state])
    })
  })
  const [inner, first, second] = (await values) as unknown[]
  assert.is(inner, 4)
  assert.is(first, second)
})

test('a refused payload is a settled handle', async () => {
  const handle = pool.run(echo, [() => {}])
  assert.is(handle.state, 'failed')
  assert.ok(handle.isSettled)
  assert.is(handle.cancel(), false)
  assert.is((await rejectionOf(handle)).code, 'ERR_PARALLEL_PAYLOAD')
})

// ---- failures that nobody observes: in a process of its own, for they are events of the process. What else will count as
// observing (gather, asCompleted, a scope) does not exist yet.

const programs: Record<string, (own: Pool) => unknown> = {
  async 'nobody looks'(own) {
    void own.run(fail, ['oh'])
    await own.run(add, [1, 2])
  },
  async 'nobody looks, many times'(own) {
    for (let i = 0; i < 5; i++) void own.run(fail, ['oh'])
    await own.run(add, [1, 2])
  },
  async 'nobody looks at a refused payload'(own) {
    void own.run(echo, [Symbol('s')])
  },
  async 'onComplete is not looking'(own) {
    void own.run(fail, ['oh']).onComplete(() => {})
    await own.run(add, [1, 2])
  },
  async 'then without a second function'(own) {
    void own.run(fail, ['oh']).then(() => {})
    await own.run(add, [1, 2])
  },
  async 'wait is not looking'(own) {
    own.run(fail, ['oh']).wait()
  },
  async onError(own) {
    void own.run(fail, ['oh']).onError(() => {})
    await own.run(add, [1, 2])
  },
  async catch(own) {
    own.run(fail, ['oh']).catch(() => {})
    await own.run(add, [1, 2])
  },
  async get(own) {
    const handle = own.run(fail, ['oh'])
    thrownBy(() => handle.get())
  },
  async tryGet(own) {
    const handle = own.run(fail, ['oh'])
    handle.wait()
    thrownBy(() => handle.tryGet())
  },
  async cancel(own) {
    const gate = newGate()
    const held = own.run(holds, [gate])
    void own.run(add, [1, 2]).cancel()
    await arrivals(gate, 1)
    openGate(gate)
    await held
  },
  async 'a call after close'(own) {
    await own.close()
    void own.run(add, [1, 2])
  },
  async 'close that cancels'(own) {
    const gate = newGate()
    const held = own.run(holds, [gate])
    await arrivals(gate, 1)
    void own.run(add, [1, 2])
    const closing = own.close({ cancelPending: true })
    openGate(gate)
    await held
    await closing
  },
  async 'close that terminates'(own) {
    const gate = newGate()
    void own.run(holds, [gate])
    await arrivals(gate, 1)
    void own.run(add, [1, 2])
    await own.close({ timeout: 0 })
  },
  async await(own) {
    try {
      await own.run(fail, ['oh'])
    } catch {}
  },
  async 'then with a second function'(own) {
    void own.run(fail, ['oh']).then(undefined, () => {})
    await own.run(add, [1, 2])
  },
  async using(own) {
    const gate = newGate()
    const held = own.run(holds, [gate])
    using dropped = own.run(add, [1, 2])
    void dropped
    await arrivals(gate, 1)
    openGate(gate)
    await held
  },
  async allSettled(own) {
    await Promise.allSettled([own.run(fail, ['oh']), own.run(fail, ['oh'])])
  },
}

if (!onHost) {
  programs['a lost worker'] = async (own) => {
    void own.run(exit, [3])
    await until(() => own.stats().failed === 1, 'the loss')
  }
}

const UNHANDLED: Record<string, number> = {
  'nobody looks': 1,
  'nobody looks, many times': 5,
  'nobody looks at a refused payload': 1,
  'onComplete is not looking': 1,
  'then without a second function': 1,
  'wait is not looking': 1,
  'a lost worker': 1,
}

/** Makes a promise that fails while this thread waits for it, as a handle or natively. */
type Failing = () => Promise<unknown>

/** Ways of looking at a failure at various times, and what the process hears of it. */
const times: Record<string, (failing: Failing) => unknown> = {
  'at once': (failing) => void failing().catch(() => {}),
  'in a microtask': (failing) => {
    const promise = failing()
    queueMicrotask(() => promise.catch(() => {}))
  },
  'in a chain of microtasks': async (failing) => {
    const promise = failing()
    for (let i = 0; i < 20; i++) await null
    promise.catch(() => {})
  },
  'in nextTick': (failing) => {
    const promise = failing()
    process.nextTick(() => promise.catch(() => {}))
  },
  'in a later turn': (failing) => {
    const promise = failing()
    setImmediate(() => promise.catch(() => {}))
  },
  'in a later turn, twice': (failing) => {
    const promise = failing()
    setImmediate(() => promise.catch(() => promise.catch(() => {})))
  },
  never: (failing) => void failing(),
}

const laterTurns = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await laterMicrotask()
}

if (program === 'times') {
  const heard: string[] = []
  process.on('unhandledRejection', (error) => heard.push(`unhandled ${(error as Error).message}`))
  process.on('rejectionHandled', () => heard.push('handled'))
  const own = newPool({ threads: 1 })
  await own.run(add, [1, 2])
  const ways: Failing[] = [
    () => Promise.reject(new RangeError('oh')),
    () => {
      const handle = own.run(fail, ['oh'])
      handle.wait()
      return handle
    },
  ]
  const said: Record<string, string[][]> = {}
  for (const [name, look] of Object.entries(times)) {
    said[name] = []
    for (const failing of ways) {
      heard.length = 0
      look(failing)
      await laterTurns()
      said[name]?.push([...heard])
    }
  }
  report(said)
  await own.close()
} else if (program !== undefined) {
  let unhandled = 0
  process.on('unhandledRejection', () => unhandled++)
  const counts: Record<string, number> = {}
  for (const [name, play] of Object.entries(programs)) {
    unhandled = 0
    const own = newPool({ threads: 1 })
    await play(own)
    await laterTurns()
    await own.close({ timeout: 0 })
    await laterTurns()
    counts[name] = unhandled
  }
  report(counts)
} else {
  let counts: Record<string, number> = {}
  test('a process plays all ways of looking and not looking', async () => {
    counts = reportOf(await runProgram(import.meta.url, 'all'))
  })

  for (const name of Object.keys(programs)) {
    const expected = UNHANDLED[name] ?? 0
    const times = expected === 0 ? 'never' : expected === 1 ? 'once' : `${expected} times`
    test(`unhandledRejection comes ${times}: ${name}`, () => assert.is(counts[name], expected))
  }

  test('the process hears of a failure as it does of that of a native promise, and of a late look', async () => {
    const said = reportOf(await runProgram(import.meta.url, 'times'))
    for (const name of Object.keys(times)) {
      const [native, ours] = said[name]
      assert.equal(ours, native, name)
    }
    assert.equal(said.never[1], ['unhandled oh'])
    assert.equal(said['in nextTick'][1], [])
    assert.equal(said['in a later turn'][1], ['unhandled oh', 'handled'])
  })

  test('a closed pool rejects its calls with a ShutdownError', async () => {
    await settles(pool.close(), 'close()')
    assert.instance(await rejectionOf(pool.run(add, [1, 2])), ShutdownError)
  })

  test.run()
}
