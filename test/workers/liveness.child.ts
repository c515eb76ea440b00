import { once } from 'node:events'
import { setTimeout as later } from 'node:timers/promises'
import { parentPort, Worker } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { defaultPool, isWorker, Pool, parallel } from '../../lib/index.js'
import { add, echo, spin } from '../fixtures/basic.js'
import { hold, holdAsync } from '../fixtures/gates.js'
import { chatter, sayInTime, ticks, tickWhileIdle } from '../fixtures/timers.js'
import { arrivals, newGate } from '../support/gate.js'
import { program, report, reportOf, runProgram } from '../support/programs.js'

/** Awaits one call after the other: `calls` of them, or fewer where the machine is so busy that they take long. */
async function inSequence(calls: number, call: (i: number) => PromiseLike<unknown>): Promise<void> {
  const end = performance.now() + 5_000
  for (let i = 0; i < calls && performance.now() < end; i++) await call(i)
}

/**
 * Median delay of a timer of 5 ms, in ms past its time, while `work` goes on. Of the time that a crowded machine takes away
 * from the host and its busy worker, nothing counts: a delay is at most half of what the process has computed meanwhile.
 */
async function medianDelayBeside(work: () => Promise<unknown>): Promise<{ median: number; count: number }> {
  const delays: number[] = []
  let expected = performance.now() + 5
  let before = process.cpuUsage()
  const timer = setInterval(() => {
    const now = performance.now()
    const { user, system } = process.cpuUsage(before)
    before = process.cpuUsage()
    delays.push(Math.min(now - expected, (user + system) / 1_000 / 2))
    expected = now + 5
  }, 5)
  await work()
  clearInterval(timer)
  delays.sort((a, b) => a - b)
  return { median: delays[delays.length >> 1] ?? Number.POSITIVE_INFINITY, count: delays.length }
}

const programs: Record<string, () => unknown> = {
  async 'the default pool'() {
    report(await add(1, 2))
  },
  async 'a pool that is never closed'() {
    const pool = new Pool({ threads: 2 })
    report(await pool.run(add, [1, 2]))
  },
  'calls that nobody awaits'() {
    for (let i = 0; i < 100; i++) void add(i, 1).onComplete((sum) => sum === 100 && report('all done'))
  },
  'pools that are never used'() {
    for (let i = 0; i < 10; i++) new Pool({ threads: 2 })
    report(typeof defaultPool)
  },
  async 'a pool that is ready'() {
    await new Pool({ threads: 2 }).ready()
    report('ready')
  },
  async 'a cancelled call'() {
    const pool = new Pool({ threads: 1 })
    const handles = Array.from({ length: 10 }, () => pool.run(spin, [1_000]))
    for (const handle of handles) handle.cancel()
    await Promise.allSettled(handles)
    report('cancelled')
  },
  async 'a pool that closed'() {
    const pool = new Pool({ threads: 2 })
    await Promise.all(Array.from({ length: 100 }, (_, i) => pool.run(add, [i, 1])))
    await pool.close()
    report('closed')
  },
  async 'a failure without a listener'() {
    const pool = new Pool({ threads: 1 })
    await pool.run(add, [1, 2])
    void pool.run(
      parallel(() => {
        throw new Error('seen')
      }),
      [],
    )
  },
  async 'a hundred pools'() {
    let alive = 0
    process.on('worker', (worker) => {
      alive++
      worker.on('exit', () => alive--)
    })
    const cycle = async (i: number): Promise<void> => {
      const pool = new Pool({ threads: 1 + (i % 2) })
      const sums = await Promise.all(Array.from({ length: 50 }, (_, i) => pool.run(add, [i, 1])))
      if (sums[49] !== 50) throw new Error('wrong sum')
      await pool.run(echo, [{ text: 'x'.repeat(10_000) }])
      await pool.close()
    }
    const memory = (): number => {
      for (let i = 0; i < 3; i++) globalThis.gc?.()
      return process.memoryUsage().rss / 2 ** 20
    }
    for (let i = 0; i < 20; i++) await cycle(i)
    const early = memory()
    for (let i = 20; i < 100; i++) await cycle(i)
    report({ alive, grownMiB: memory() - early })
  },
  async 'an idle pool'() {
    const pool = new Pool({ threads: 2 })
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => pool.run(add, [i, 1])))
    await later(200) // spinning ends within microseconds; this is for what V8 does by itself
    const before = process.cpuUsage()
    const startMs = performance.now()
    await later(1_000)
    const { user, system } = process.cpuUsage(before)
    report({ share: (user + system) / 1_000 / (performance.now() - startMs) })
    await pool.close()
  },
  async 'a pool that waits for a long task'() {
    const pool = new Pool({ threads: 2 })
    const gate = newGate()
    const held = pool.run(holdAsync, [gate])
    await arrivals(gate, 1)
    await later(200)
    const before = process.cpuUsage()
    const startMs = performance.now()
    await later(1_000)
    const { user, system } = process.cpuUsage(before)
    report({ share: (user + system) / 1_000 / (performance.now() - startMs), state: held.state })
    held.onError(() => {})
    await pool.close({ timeout: 0 })
  },
  async "a worker's timers while it is idle"() {
    const pool = new Pool({ threads: 1 })
    await pool.run(tickWhileIdle, [5])
    while ((await pool.run(ticks, [])) < 5) await later(20)
    report('ticked')
    await pool.close()
  },
  async "a worker's timers while it is busy"() {
    const pool = new Pool({ threads: 1 })
    await pool.run(tickWhileIdle, [5])
    const before = await pool.run(ticks, [])
    // Many short tasks, more than enough to keep the worker from ever being idle.
    const end = performance.now() + 1_000
    while (performance.now() < end) {
      await Promise.all(Array.from({ length: 2_000 }, (_, i) => pool.run(add, [i, 1])))
    }
    const turns = Array.from({ length: 500 }, () => pool.run(spin, [1_000]))
    const beforeSpins = await pool.run(ticks, [], { priority: 3 })
    await Promise.all(turns)
    report({ during: beforeSpins - before, spins: (await pool.run(ticks, [])) - beforeSpins })
    await pool.close()
  },
  async "a worker's output"() {
    const pool = new Pool({ threads: 1 })
    await pool.run(chatter, ['while idle'])
    await later(300)
    const flood = Array.from({ length: 20_000 }, (_, i) => pool.run(add, [i, 1]))
    const said = pool.run(chatter, ['amid a flood'])
    flood.push(...Array.from({ length: 20_000 }, (_, i) => pool.run(add, [i, 1])))
    await Promise.all([said, ...flood])
    await pool.run(sayInTime, ['from a timer'])
    await later(300)
    report('said')
    await pool.close()
  },
  async 'awaited calls in sequence'() {
    const pool = new Pool({ threads: 1 })
    report(await medianDelayBeside(() => inSequence(300_000, (i) => pool.run(add, [i, 1]))))
    await pool.close()
  },
  async 'awaited calls in sequence on the default pool'() {
    report(await medianDelayBeside(() => inSequence(50_000, (i) => add(i, 1))))
  },
  async 'awaited calls of objects in sequence'() {
    const pool = new Pool({ threads: 1 })
    report(await medianDelayBeside(() => inSequence(30_000, (i) => pool.run(echo, [{ i }]))))
    await pool.close()
  },
  async 'a flood that is kept up'() {
    const pool = new Pool({ threads: 2 })
    report(
      await medianDelayBeside(async () => {
        let left = 400_000
        const keepUp = async (): Promise<void> => {
          while (left-- > 0) await pool.run(add, [left, 1])
        }
        await Promise.all(Array.from({ length: 3_000 }, keepUp))
      }),
    )
    await pool.close()
  },
  async 'a flood that is settled'() {
    const pool = new Pool({ threads: 2 })
    const handles = Array.from({ length: 200_000 }, (_, i) => pool.run(add, [i, 1]))
    report(await medianDelayBeside(() => Promise.all(handles)))
    await pool.close()
  },
  async 'process.exit in the middle'() {
    const pool = new Pool({ threads: 2 })
    const gate = newGate()
    const held = [pool.run(hold, [gate]), pool.run(hold, [gate])]
    for (let i = 0; i < 20_000; i++) held.push(pool.run(add, [i, 1]))
    await arrivals(gate, 2)
    report('about to exit')
    process.exit(0)
  },
  async 'a host that is a worker thread'() {
    const thread = new Worker(new URL(import.meta.url), { argv: ['the thread of the host'], stdout: false })
    const [code] = await once(thread, 'exit')
    report(code)
  },
  async 'the thread of the host'() {
    const pool = new Pool({ threads: 2 })
    const sums = await Promise.all(Array.from({ length: 100 }, (_, i) => pool.run(add, [i, 1])))
    if (sums[99] !== 100 || pool.run(add, [1, 2]).get() !== 3 || isWorker) throw new Error('wrong sum')
    console.log('the thread is done')
  },
  async 'a host thread that is terminated'() {
    let alive = 0
    const thread = new Worker(new URL(import.meta.url), { argv: ['the busy thread'], stdout: false })
    thread.on('error', (error) => console.error(error))
    await once(thread, 'message')
    alive = await thread.terminate()
    report(alive)
  },
  async 'the busy thread'() {
    const pool = new Pool({ threads: 2 })
    const gate = newGate()
    void pool.run(hold, [gate])
    void pool.run(hold, [gate])
    await arrivals(gate, 2)
    parentPort?.postMessage('busy')
    await new Promise(() => {})
  },
  'get of a cold pool'() {
    const pool = new Pool({ threads: 2 })
    const handles = Array.from({ length: 100 }, (_, i) => pool.run(add, [i, 1]))
    report(handles.reduce((sum, handle) => sum + handle.get(), 0) + add(1, 2).get())
  },
  async 'get in turns with await'() {
    const pool = new Pool({ threads: 2 })
    let sum = 0
    for (let i = 0; i < 2_000; i++) sum += i % 2 === 0 ? pool.run(add, [i, 1]).get() : await pool.run(add, [i, 1])
    report(sum)
    await pool.close()
  },
  async 'get of payloads'() {
    const pool = new Pool({ threads: 2 })
    const text = 'x'.repeat(3_000_000)
    const shared = new Int32Array(new SharedArrayBuffer(8)).fill(7)
    const first = pool.run(echo, [text]).get()
    const second = pool.run(echo, [{ shared }]).get() as { shared: Int32Array }
    report({ same: first === text, seven: second.shared[1], shared: second.shared.buffer instanceof SharedArrayBuffer })
    await pool.close()
  },
}

if (program !== undefined) await programs[program]?.()
else {
  const outcomeOf = async (name: string, seconds = 30, execArgv: string[] = []): Promise<any> =>
    reportOf(await runProgram(import.meta.url, name, { seconds, execArgv }))

  test('a process ends by itself after its last call to the default pool', async () => {
    assert.is(await outcomeOf('the default pool'), 3)
  })

  test('a pool at rest keeps no process alive', async () => {
    assert.is(await outcomeOf('a pool that is never closed'), 3)
  })

  test('calls that nobody awaits keep the process alive until they have settled', async () => {
    assert.is(await outcomeOf('calls that nobody awaits'), 'all done')
  })

  test('a pool that is never used keeps no process alive', async () => {
    assert.is(await outcomeOf('pools that are never used'), 'object')
  })

  test('a pool that is ready and never called keeps no process alive', async () => {
    assert.is(await outcomeOf('a pool that is ready'), 'ready')
  })

  test('a pool whose calls were all cancelled keeps no process alive', async () => {
    assert.is(await outcomeOf('a cancelled call'), 'cancelled')
  })

  test('a pool that was closed keeps no process alive', async () => {
    assert.is(await outcomeOf('a pool that closed'), 'closed')
  })

  test('a failure that nobody observes ends the process as a native rejection does', async () => {
    const { code, stderr } = await runProgram(import.meta.url, 'a failure without a listener')
    assert.is(code, 1)
    assert.match(stderr, /seen/)
  })

  test('a hundred pools leave no thread and no memory behind', async () => {
    const { alive, grownMiB } = await outcomeOf('a hundred pools', 90, ['--expose-gc'])
    assert.is(alive, 0)
    assert.ok(grownMiB < 200, `80 cycles have grown the process by ${grownMiB} MiB`)
  })

  test('an idle pool burns no CPU', async () => {
    const { share } = await outcomeOf('an idle pool')
    assert.ok(share < 0.05, `${share} of a core`)
  })

  test('a pool that waits for an async task burns no CPU', async () => {
    const { share, state } = await outcomeOf('a pool that waits for a long task')
    assert.is(state, 'running')
    assert.ok(share < 0.05, `${share} of a core`)
  })

  test("a worker's timers fire while it is idle", async () => {
    assert.is(await outcomeOf("a worker's timers while it is idle"), 'ticked')
  })

  test("a worker's timers fire while it is busy with short tasks, and with tasks of a millisecond", async () => {
    const { during, spins } = await outcomeOf("a worker's timers while it is busy")
    // At most every 5 ms, in a second and in half of one.
    assert.ok(during >= 40, `${during} ticks beside short tasks`)
    assert.ok(spins >= 20, `${spins} ticks beside tasks of a millisecond`)
  })

  test('what a worker writes arrives, while it is idle and amid a flood', async () => {
    const outcome = await runProgram(import.meta.url, "a worker's output")
    assert.is(reportOf(outcome), 'said')
    for (const what of ['while idle', 'amid a flood', 'from a timer'])
      assert.match(outcome.stdout, `worker says: ${what}`)
  })

  for (const name of [
    'awaited calls in sequence',
    'awaited calls in sequence on the default pool',
    'awaited calls of objects in sequence',
    'a flood that is kept up',
    'a flood that is settled',
  ]) {
    test(`a timer of 5 ms fires on time beside ${name}`, async () => {
      const { median, count } = await outcomeOf(name, 60)
      assert.ok(count >= 3, `${count} ticks`)
      assert.ok(median < 10, `median delay ${median} ms, ${count} ticks`)
    })
  }

  test('process.exit in the middle of work ends the process', async () => {
    assert.is(await outcomeOf('process.exit in the middle'), 'about to exit')
  })

  test('a host may itself be a worker thread, which ends by itself', async () => {
    const outcome = await runProgram(import.meta.url, 'a host that is a worker thread')
    assert.is(reportOf(outcome), 0)
    assert.match(outcome.stdout, 'the thread is done')
  })

  test('a host thread that is terminated takes its workers along', async () => {
    assert.is(await outcomeOf('a host thread that is terminated'), 1)
  })

  test('a host that blocks in get() of a cold pool gets its values', async () => {
    assert.is(await outcomeOf('get of a cold pool'), 5053)
  })

  test('a host may block in turns with awaiting', async () => {
    assert.is(await outcomeOf('get in turns with await'), 2_001_000)
  })

  test('a host that blocks gets large and shared values', async () => {
    assert.equal(await outcomeOf('get of payloads'), { same: true, seven: 7, shared: true })
  })

  test.run()
}
