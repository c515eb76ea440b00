import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { load } from '#atomics'
import { move, type TaskHandle, WorkerLostError } from '../../lib/index.js'
import { exitWhenOpened } from '../fixtures/deaths.js'
import { carries, diesSoon, diesWith, lengthOf, sleepsWith } from '../fixtures/moves.js'
import { arrivals, newGate, openGate } from '../support/gate.js'
import { rejectionOf, settles } from '../support/hang-limit.js'
import { withPool } from '../support/pools.js'

test('what waits for a worker that dies keeps its moved arguments', async () => {
  await withPool({ threads: 1 }, async (pool) => {
    const gate = newGate()
    const killed = pool.run(exitWhenOpened, [gate])
    await arrivals(gate, 1)
    const calls = Array.from({ length: 50 }, (_, i) => pool.run(lengthOf, [move(new Uint8Array(i))]))
    openGate(gate)
    assert.instance(await rejectionOf(killed), WorkerLostError)
    assert.equal(await settles(Promise.all(calls)), [...calls.keys()])
  })
})

test('a task whose worker dies before it has its moved arguments has not begun, and runs elsewhere', async () => {
  await withPool({ threads: 1 }, async (pool) => {
    await pool.run(lengthOf, [new Uint8Array(1)])
    // The host does not turn its event loop until the worker has claimed the call, asked, and been killed by a timer of an earlier task.
    await pool.run(diesSoon, [])
    const call = pool.run(lengthOf, [move(new Uint8Array(7))])
    const end = performance.now() + 300
    while (performance.now() < end);
    assert.is(await settles(call), 7)
    assert.is(call.attempt, 2)
    assert.is(pool.stats().respawns, 1)
  })
})

for (const idempotent of [false, true]) {
  test(`moved arguments that were handed over are lost with the worker, ${idempotent ? 'though' : 'as'} the task is ${idempotent ? '' : 'not '}idempotent`, async () => {
    await withPool({ threads: 1 }, async (pool) => {
      const deaths = new Int32Array(new SharedArrayBuffer(4)).fill(1)
      const call = pool.run(diesWith, [deaths, move(new Uint8Array(9))], { idempotent })
      assert.instance(await rejectionOf(call), WorkerLostError)
      // What is copied runs again.
      deaths[0] = 1
      if (idempotent) assert.is(await settles(pool.run(diesWith, [deaths, new Uint8Array(9)], { idempotent })), 9)
    })
  })
}

test('a pool that closes with moved arguments waiting settles everything', async () => {
  await withPool({ threads: 1 }, async (pool) => {
    const gate = newGate()
    const held = pool.run(sleepsWith, [gate, move(new Uint8Array(3))])
    await arrivals(gate, 1)
    const waiting = Array.from({ length: 5 }, () => pool.run(lengthOf, [move(new Uint8Array(3))]))
    const failures = Promise.all([held, ...waiting].map((call) => rejectionOf(call)))
    await pool.close({ timeout: 0 })
    for (const error of await settles(failures)) assert.is(error.code, 'ERR_PARALLEL_SHUTDOWN')
  })
})

test('a few thousand moved buffers under deaths: each arrives once, or is lost with a worker that had it', async () => {
  const TASKS = 2_000
  const runs = new Int32Array(new SharedArrayBuffer(4 * TASKS))
  const lost: number[] = []
  const wrong: string[] = []
  await withPool({ threads: 3 }, async (pool) => {
    for (let task = 0; task < TASKS; ) {
      const wave: PromiseLike<void>[] = []
      for (const end = Math.min(TASKS, task + 100); task < end; task++) {
        const own = task
        const bytes = new Uint8Array(64).fill(own)
        const call: TaskHandle<Uint8Array> = pool.run(carries, [move(bytes), own, runs, own % 40 === 39])
        if (bytes.length !== 0) wrong.push(`${own} was not detached`)
        wave.push(
          call.then(
            (back) => {
              if (back.length !== 64 || back.some((byte) => byte !== (own & 0xff))) wrong.push(`${own} came back wrong`)
            },
            (error) => {
              if (error instanceof WorkerLostError) lost.push(own)
              else wrong.push(`${own}: ${error}`)
            },
          ),
        )
      }
      await settles(Promise.all(wave), `the tasks before ${task}`, 60)
    }
  })
  assert.equal(wrong, [])
  for (let task = 0; task < TASKS; task++) {
    const deadly = task % 40 === 39
    const ran = load(runs, task)
    if (lost.includes(task)) {
      if (ran > 1) assert.unreachable(`task ${task} ran ${ran} times`)
    } else if (ran !== 1 || deadly) assert.unreachable(`task ${task} ran ${ran} times`)
  }
  const handed = lost.filter((task) => task % 40 !== 39)
  assert.ok(handed.length <= TASKS / 40, `${handed.length} tasks that did not die were lost`)
})

test.run()
