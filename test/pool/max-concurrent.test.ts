import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { OptionError } from '../../lib/index.js'
import { add, asyncEcho } from '../fixtures/basic.js'
import { enters, entersAsync, entersWithChildren, mostOf, newCrowd, runsOf } from '../fixtures/crowd.js'
import { awaitMany, fibAwait, getMany } from '../fixtures/family.js'
import { holdAwaiting, record } from '../fixtures/gates.js'
import { arrivals, newGate, openGate } from '../support/gate.js'
import { settles, thrownBy, until } from '../support/hang-limit.js'
import { onHost, threaded, withPool } from '../support/pools.js'

const once = (tasks: number): number[] => new Array<number>(tasks).fill(1)

test('no more calls run at a time than the limit says', () =>
  withPool({ threads: 3, concurrentTasksPerWorker: 4 }, async (pool) => {
    pool.setMaxConcurrentTasks(2)
    const crowd = newCrowd(200)
    const values = await Promise.all(Array.from({ length: 200 }, (_, i) => pool.run(entersAsync, [crowd, i, 2])))
    assert.ok(values.every((value, i) => value === i))
    assert.ok(mostOf(crowd) <= 2)
    assert.equal(runsOf(crowd), once(200))
  }))

test('the limit is lowered and raised live, with thousands queued, and never exceeded', () =>
  withPool({ threads: 3, concurrentTasksPerWorker: 4 }, async (pool) => {
    await pool.ready()
    const tasks = 12_000 // more than the shared slots
    const crowd = newCrowd(tasks)
    const handles = Array.from({ length: tasks }, (_, i) =>
      i % 4 === 0 ? pool.run(entersAsync, [crowd, i, 1]) : pool.run(enters, [crowd, i, 50]),
    )
    const settled = (): number => pool.stats().completed
    await until(() => settled() > 500, 'some tasks')
    for (const limit of [2, 1, 5, 1]) {
      pool.setMaxConcurrentTasks(limit)
      await until(() => pool.stats().running <= limit, `no more than ${limit}`)
      mostOf(crowd)
      const from = settled()
      await until(() => settled() >= Math.min(tasks, from + 40), 'progress under the limit')
      const most = mostOf(crowd)
      assert.ok(most <= limit, `${most} at a time, and the limit is ${limit}`)
    }
    pool.setMaxConcurrentTasks(Number.POSITIVE_INFINITY)
    const values = await settles(Promise.all(handles), 'all', 60)
    assert.ok(values.every((value, i) => value === i))
    assert.equal(runsOf(crowd), once(tasks))
  }))

test('what has been taken back for a lower limit runs first, in order of age', () =>
  withPool({ threads: 1 }, async (pool) => {
    const gate = newGate()
    const held = pool.run(holdAwaiting, [gate])
    await arrivals(gate, 1)
    const log = new Int32Array(new SharedArrayBuffer(200 * 4))
    const handles = Array.from({ length: 50 }, (_, i) => pool.run(record, [log, i]))
    pool.setMaxConcurrentTasks(1)
    for (let i = 50; i < 100; i++) handles.push(pool.run(record, [log, i]))
    pool.setMaxConcurrentTasks(20)
    pool.setMaxConcurrentTasks(3)
    openGate(gate)
    await held
    await Promise.all(handles)
    // A slot that was taken back may be found a little early by its old place in the queue.
    for (const [at, task] of log.subarray(1, 101).entries())
      assert.ok(Math.abs(at - task) <= 3, `task ${task} was number ${at}`)
  }))

test('priorities hold under a limit', () =>
  withPool({ threads: 1 }, async (pool) => {
    pool.setMaxConcurrentTasks(1)
    const gate = newGate()
    const held = pool.run(holdAwaiting, [gate])
    await arrivals(gate, 1)
    const log = new Int32Array(new SharedArrayBuffer(50 * 4))
    const priorities = [0, -3, 2, 0, 3, -1, 1, 2, -2, 0, 3, -3, 1] as const
    const handles = priorities.map((priority, i) => pool.run(record, [log, i], { priority }))
    openGate(gate)
    await held
    await Promise.all(handles)
    const expected = [...priorities.keys()].sort(
      (a, b) => (priorities[b] as number) - (priorities[a] as number) || a - b,
    )
    assert.equal([...log.subarray(1, 1 + priorities.length)], expected)
  }))

test('children need no place: nothing deadlocks at limit 1', () =>
  withPool({ threads: 2 }, async (pool) => {
    pool.setMaxConcurrentTasks(1)
    const crowd = newCrowd(20)
    const parents = Array.from({ length: 20 }, (_, i) => pool.run(entersWithChildren, [crowd, i, 20]))
    const others = [pool.run(awaitMany, [50]), pool.run(getMany, [50]), pool.run(fibAwait, [9])]
    assert.equal(await settles(Promise.all(parents), 'the parents'), [...parents.keys()])
    assert.equal(await settles(Promise.all(others), 'the families'), [2_450, 2_450, 34])
    assert.is(mostOf(crowd), 1)
  }))

test('a limit that is raised starts what waits, without another call', () =>
  withPool({ threads: 2, concurrentTasksPerWorker: 2 }, async (pool) => {
    await pool.ready()
    pool.setMaxConcurrentTasks(1)
    const gate = newGate()
    const handles = Array.from({ length: 4 }, () => pool.run(holdAwaiting, [gate, 'held']))
    await arrivals(gate, 1)
    assert.is(pool.stats().running, 1)
    pool.setMaxConcurrentTasks(4)
    await arrivals(gate, onHost ? 2 : 4)
    openGate(gate)
    await Promise.all(handles)
  }))

test('calls that wait for a place can be cancelled, and are cancelled by close', () =>
  withPool({ threads: 2 }, async (pool) => {
    pool.setMaxConcurrentTasks(1)
    const gate = newGate()
    const held = pool.run(holdAwaiting, [gate, 'held'])
    await arrivals(gate, 1)
    const handles = Array.from({ length: 10 }, (_, i) => pool.run(add, [i, 1]))
    for (const handle of handles.slice(0, 5)) assert.ok(handle.cancel())
    assert.ok(handles.every(({ state }, i) => state === (i < 5 ? 'cancelled' : 'queued')))
    const closing = pool.close({ cancelPending: true })
    openGate(gate)
    assert.equal(await settles(closing, 'close()'), { clean: true, completed: 1, cancelled: 5, terminated: 0 })
    assert.is(await held, 'held')
    await Promise.allSettled(handles)
  }))

threaded('the host blocks')('a blocked host fills the places that become free', () =>
  withPool({ threads: 2 }, (pool) => {
    pool.setMaxConcurrentTasks(1)
    const handles = Array.from({ length: 300 }, (_, i) => pool.run(add, [i, 1]))
    assert.is(handles[299]?.get(20_000), 300)
    assert.ok(handles.every((handle) => handle.isSettled))
  }),
)

test('the limit can be set before the first call, and again and again', () =>
  withPool({ threads: 2 }, async (pool) => {
    pool.setMaxConcurrentTasks(1)
    pool.setMaxConcurrentTasks(Number.POSITIVE_INFINITY)
    const handles = Array.from({ length: 3_000 }, (_, i) => pool.run(asyncEcho, [i]))
    for (let i = 0; i < 200; i++) {
      pool.setMaxConcurrentTasks(1 + (i % 7))
      if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    const values = await settles(Promise.all(handles), 'all')
    assert.ok(values.every((value, i) => value === i))
  }))

for (const limit of [0, -1, 1.5, Number.NaN, '2', null, undefined, Number.NEGATIVE_INFINITY]) {
  test(`the limit ${String(limit)} is refused`, () =>
    withPool({ threads: 1 }, (pool) => {
      const error = thrownBy(() => pool.setMaxConcurrentTasks(limit as number))
      assert.instance(error, OptionError)
      assert.match(error.message, /pool\.setMaxConcurrentTasks: limit must be an integer, 1 or more, or Infinity, not/)
    }))
}

test.run()
