import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { OptionError, Pool, type PoolOptions } from '../../lib/index.js'
import { add, who } from '../fixtures/basic.js'
import { enters, entersAndDies, entersAsync, entersWithChildren, mostOf, newCrowd, runsOf } from '../fixtures/crowd.js'
import { exit } from '../fixtures/deaths.js'
import { hold, holdAwaiting, meet } from '../fixtures/gates.js'
import { arrivals, arrivedAt, newGate, openGate } from '../support/gate.js'
import { rejectionOf, settles, thrownBy, until } from '../support/hang-limit.js'
import { withPool } from '../support/pools.js'

/** Threads that have not been told to leave, and threads whose main loop runs. */
const size = (pool: Pool, threads: number): Promise<void> =>
  until(() => pool.stats().threads === threads && pool.stats().idle === threads, `${threads} idle threads`)

const once = (tasks: number): number[] => new Array<number>(tasks).fill(1)

// ---- resize

test('resize starts threads at once for what is queued', () =>
  withPool({ threads: 1 }, async (pool) => {
    const gate = newGate()
    const handles = Array.from({ length: 3 }, () => pool.run(meet, [gate, 3]))
    await until(() => pool.stats().running === 1, 'the first')
    pool.resize({ threads: 3 })
    assert.equal((await Promise.all(handles)).sort(), [1, 2, 3])
  }))

test('resize with minThreads starts threads that nothing needs yet', () =>
  withPool({ minThreads: 1, maxThreads: 4 }, async (pool) => {
    assert.is(await pool.run(add, [1, 2]), 3)
    pool.resize({ minThreads: 3 })
    await size(pool, 3)
  }))

test('resize before the first call holds for the first call', () =>
  withPool({ threads: 1 }, async (pool) => {
    pool.resize({ minThreads: 2, maxThreads: 3 })
    assert.is(pool.stats().threads, 0)
    await pool.run(add, [1, 2])
    await size(pool, 2)
  }))

test('threads above the limit finish what they have and leave', () =>
  withPool({ threads: 3 }, async (pool) => {
    await pool.ready()
    const exits: { workerId: number; exitCode: number | undefined }[] = []
    pool.on('workerExit', (info) => exits.push(info))
    const gate = newGate()
    const held = Array.from({ length: 3 }, () => pool.run(hold, [gate, 'held']))
    await arrivals(gate, 3)
    pool.resize({ threads: 1 })
    assert.is(pool.stats().threads, 1)
    assert.equal(exits, [])
    openGate(gate)
    assert.equal(await Promise.all(held), ['held', 'held', 'held'])
    await until(() => exits.length === 2, 'two exits')
    assert.equal(exits.map(({ workerId }) => workerId).sort(), [2, 3])
    assert.ok(exits.every(({ exitCode }) => exitCode === 0))
    await size(pool, 1)
    assert.is(pool.stats().respawns, 0)
    assert.is(await pool.run(who, []), 1)
  }))

test('resize down under full load loses nothing and runs nothing twice', () =>
  withPool({ threads: 4, concurrentTasksPerWorker: 4 }, async (pool) => {
    await pool.ready()
    const tasks = 900
    const crowd = newCrowd(tasks)
    const handles = Array.from({ length: tasks }, (_, i) =>
      i % 3 === 0
        ? pool.run(enters, [crowd, i, 100])
        : i % 3 === 1
          ? pool.run(entersAsync, [crowd, i, 5])
          : pool.run(entersWithChildren, [crowd, i, 10]),
    )
    await until(() => pool.stats().completed > 50, 'some tasks')
    pool.resize({ threads: 1 })
    const values = await settles(Promise.all(handles), 'the tasks')
    assert.ok(values.every((value, i) => value === i))
    assert.equal(runsOf(crowd), once(tasks))
    await size(pool, 1)
    assert.is(pool.stats().respawns, 0)
    assert.is(pool.stats().failed, 0)
  }))

test('resize up and down while calls come loses nothing and runs nothing twice', () =>
  withPool({ threads: 2, concurrentTasksPerWorker: 2 }, async (pool) => {
    await pool.ready()
    const tasks = 2_000
    const crowd = newCrowd(tasks)
    const handles: PromiseLike<number>[] = []
    for (let i = 0; i < tasks; i++) {
      handles.push(i % 2 === 0 ? pool.run(enters, [crowd, i, 20]) : pool.run(entersAsync, [crowd, i, 2]))
      if (i % 100 === 50) pool.resize({ threads: 1 + (((i / 100) | 0) % 4) })
      if (i % 40 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    const values = await settles(Promise.all(handles), 'the tasks', 40)
    assert.ok(values.every((value, i) => value === i))
    assert.equal(runsOf(crowd), once(tasks))
    pool.resize({ threads: 2 })
    await size(pool, 2)
  }))

test('resize while workers die keeps every call and both limits', () =>
  withPool({ threads: 3 }, async (pool) => {
    await pool.ready()
    const tasks = 120
    const crowd = newCrowd(tasks)
    const handles = Array.from({ length: tasks }, (_, i) =>
      i % 12 === 5 ? pool.run(entersAndDies, [crowd, i], { idempotent: true }) : pool.run(enters, [crowd, i, 50]),
    )
    const lost = [3, 0].map((code) => pool.run(exit, [code]).onError(() => {}))
    for (const threads of [1, 3, 2, 1, 2]) {
      const before = pool.stats().completed
      pool.resize({ threads })
      await until(() => pool.stats().completed > before || pool.stats().queued === 0, 'progress')
    }
    const values = await settles(Promise.all(handles), 'the tasks', 40)
    assert.ok(values.every((value, i) => value === i))
    const runs = runsOf(crowd)
    for (const [i, times] of runs.entries()) assert.is(times, i % 12 === 5 ? 2 : 1, `task ${i}`)
    for (const handle of lost) assert.is((await rejectionOf(handle)).code, 'ERR_PARALLEL_WORKER_LOST')
    await size(pool, 2)
  }))

test('a thread that was told to leave and dies of its task is a death, not a departure', () =>
  withPool({ threads: 2 }, async (pool) => {
    await pool.ready()
    const gate = newGate()
    const held = [pool.run(hold, [gate]), pool.run(hold, [gate])]
    await arrivals(gate, 2)
    pool.resize({ threads: 1 })
    const exits: unknown[] = []
    pool.on('workerExit', ({ exitCode }) => exits.push(exitCode))
    openGate(gate)
    await Promise.all(held)
    await until(() => exits.length === 1, 'the exit')
    assert.equal(exits, [0])
    assert.is((await rejectionOf(pool.run(exit, [3]))).exitCode, 3)
    assert.is(await pool.run(add, [1, 2]), 3)
  }))

test('resize down to less than a pending ready() waited for lets it resolve', () =>
  withPool({ minThreads: 6, maxThreads: 6 }, async (pool) => {
    const ready = pool.ready()
    pool.resize({ minThreads: 1, maxThreads: 1 })
    await settles(ready, 'ready()')
    assert.is(await pool.run(add, [1, 2]), 3)
  }))

test('a task awaits children of its own while its worker has been told to leave', () =>
  withPool({ threads: 2, concurrentTasksPerWorker: 4 }, async (pool) => {
    await pool.ready()
    const crowd = newCrowd(40)
    const gate = newGate()
    const held = Array.from({ length: 8 }, () => pool.run(holdAwaiting, [gate, 'held']))
    await arrivals(gate, 8)
    const parents = Array.from({ length: 40 }, (_, i) => pool.run(entersWithChildren, [crowd, i, 30]))
    pool.resize({ threads: 1 })
    openGate(gate)
    await settles(Promise.all(held), 'the held ones')
    assert.equal(await settles(Promise.all(parents), 'the parents'), [...parents.keys()])
    await size(pool, 1)
  }))

test('a pool that has shrunk closes, also while threads are leaving', async () => {
  for (const wait of [false, true]) {
    const pool = new Pool({ threads: 3 })
    await pool.ready()
    const handles = Array.from({ length: 30 }, (_, i) => pool.run(add, [i, 1]))
    pool.resize({ threads: 1 })
    if (wait) await size(pool, 1)
    assert.is((await settles(pool.close(), 'close()')).clean, true)
    assert.equal(
      await Promise.all(handles),
      handles.map((_, i) => i + 1),
    )
    assert.is(pool.stats().threads, 0)
    pool.resize({ threads: 2 })
    assert.is(pool.stats().threads, 0, 'a closed pool starts nothing')
  }
})

test('close by force ends threads that were told to leave and cannot', async () => {
  const pool = new Pool({ threads: 2 })
  await pool.ready()
  const gate = newGate()
  const held = [pool.run(hold, [gate]), pool.run(hold, [gate])]
  await arrivals(gate, 2)
  pool.resize({ threads: 1 })
  assert.is((await settles(pool.close({ timeout: 0 }), 'close()')).terminated, 2)
  for (const handle of held) assert.is((await rejectionOf(handle)).code, 'ERR_PARALLEL_SHUTDOWN')
})

const wrongSizes: [object | null | number, RegExp][] = [
  [{ threads: 0 }, /threads must be an integer from 1 to \d+, not 0/],
  [{ threads: -1 }, /threads must be an integer .* not -1/],
  [{ threads: 1.5 }, /not 1\.5/],
  [{ threads: '2' }, /not "2"/],
  [{ threads: 33 }, /threads must be an integer from 1 to \d+, not 33/],
  [{ maxThreads: 0 }, /maxThreads must be an integer from 1 to \d+, not 0/],
  [{ minThreads: Number.NaN }, /minThreads must be an integer from 0 to \d+, not NaN/],
  [{ minThreads: 3, maxThreads: 2 }, /minThreads 3 is more than maxThreads 2/],
  [{ threads: 2, maxThreads: 2 }, /threads excludes minThreads and maxThreads/],
  [{ thread: 2 }, /there is no option "thread"; there are threads, minThreads, maxThreads/],
  [null, /must be an object, not null/],
  [4, /must be an object, not 4/],
]
for (const [value, message] of wrongSizes) {
  test(`resize refuses ${JSON.stringify(value)}`, () =>
    withPool({ threads: 2 }, (pool) => {
      const error = thrownBy(() => pool.resize(value as { threads: number }))
      assert.instance(error, OptionError)
      assert.match(error.message, message)
      assert.match(error.message, /^pool\.resize: /)
    }))
}

test('resize keeps the limit that is not given, unless it contradicts', () =>
  withPool({ minThreads: 2, maxThreads: 4 }, async (pool) => {
    await pool.ready()
    pool.resize({ maxThreads: 1 })
    await size(pool, 1)
    pool.resize({ minThreads: 3 })
    await size(pool, 3)
    pool.resize({})
    pool.resize({ minThreads: undefined, maxThreads: undefined })
    await size(pool, 3)
  }))

test('a pool without threads cannot be resized', () =>
  withPool({ threads: 0 }, (pool) => {
    const error = thrownBy(() => pool.resize({ threads: 1 }))
    assert.instance(error, OptionError)
    assert.match(error.message, /was made with threads: 0/)
  }))

// ---- idleTimeout, minThreads: 0

test('threads above minThreads leave when they have slept for idleTimeout, and come back', () =>
  withPool({ minThreads: 1, maxThreads: 3, idleTimeout: 30 }, async (pool) => {
    for (let round = 0; round < 3; round++) {
      const gate = newGate()
      await Promise.all([1, 2, 3].map(() => pool.run(meet, [gate, 3])))
      await size(pool, 1)
    }
    assert.is(pool.stats().respawns, 0, 'who leaves is not replaced')
  }))

test('idleTimeout takes the last thread too where minThreads is 0', () =>
  withPool({ minThreads: 0, maxThreads: 2, idleTimeout: 0 }, async (pool) => {
    for (let round = 0; round < 5; round++) {
      assert.is(await pool.run(add, [round, 1]), round + 1)
      await size(pool, 0)
    }
    assert.is(pool.run(add, [4, 5]).get(15_000), 9, 'also for a blocked host')
    await pool.ready()
  }))

test('threads that are busy for longer than idleTimeout stay', () =>
  withPool({ minThreads: 0, maxThreads: 2, idleTimeout: 0, concurrentTasksPerWorker: 2 }, async (pool) => {
    const gate = newGate()
    const sync = newGate()
    const handles = [pool.run(holdAwaiting, [gate, 'async']), pool.run(hold, [sync, 'sync'])]
    await arrivals(gate, 1)
    await arrivals(sync, 1)
    for (let i = 0; i < 30; i++) await new Promise((resolve) => setTimeout(resolve, 2)) // many looks at who is idle
    assert.is(arrivedAt(gate), 1)
    openGate(gate)
    openGate(sync)
    assert.equal(await Promise.all(handles), ['async', 'sync'])
    await size(pool, 0)
  }))

test('a hundred bursts beside an idleTimeout lose nothing', () =>
  withPool({ minThreads: 0, maxThreads: 3, idleTimeout: 5 }, async (pool) => {
    const tasks = 1_000
    const crowd = newCrowd(tasks)
    for (let burst = 0; burst < 100; burst++) {
      const handles = Array.from({ length: 10 }, (_, i) => pool.run(enters, [crowd, 10 * burst + i, 30]))
      const values = await settles(Promise.all(handles), `burst ${burst}`)
      assert.ok(values.every((value, i) => value === 10 * burst + i))
      // Some bursts find all threads there, some find them leaving, some find none.
      if (burst % 3 !== 0) await new Promise((resolve) => setTimeout(resolve, burst % 16))
    }
    assert.equal(runsOf(crowd), once(tasks))
    assert.ok(mostOf(crowd) <= 3)
    assert.is(pool.stats().respawns, 0)
  }))

test('idleTimeout and minThreads are checked', () => {
  for (const [key, value, shown] of [
    ['idleTimeout', -1, '-1'],
    ['idleTimeout', '100', '"100"'],
    ['idleTimeout', Number.NaN, 'NaN'],
    ['idleTimeout', Date.now(), 'date'],
    ['minThreads', 33, '33'],
    ['minThreads', 0.5, '0.5'],
  ] as const) {
    const error = thrownBy(() => new Pool({ [key]: value } as PoolOptions))
    assert.instance(error, OptionError)
    assert.ok(error.message.includes(key) && error.message.includes(shown), error.message)
  }
})

test.run()
