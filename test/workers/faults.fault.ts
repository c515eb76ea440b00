import type { Worker } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { load, wait } from '#atomics'
import { Pool, parallel, TaskLoadError, TaskNotFoundError, WorkerLostError, WorkerStartError } from '../../lib/index.js'
import { missing, present } from '../fixtures/absent.js'
import { add, echo, fail } from '../fixtures/basic.js'
import { innocent } from '../fixtures/caller.js'
import { newCounts, run } from '../fixtures/counted.js'
import { exhaust, exit, exitAfter, exitTimes, exitWhenOpened, rejectOutside, throwOutside } from '../fixtures/deaths.js'
import { shifty } from '../fixtures/differs.js'
import { fromEndless } from '../fixtures/endless.js'
import { holdOn } from '../fixtures/gates.js'
import { fromThrowing } from '../fixtures/throws.js'
import { arrivals, arrivedAt, newGate, openGate } from '../support/gate.js'
import { rejectionOf, settles } from '../support/hang-limit.js'
import { withPool } from '../support/pools.js'
import { program, report, reportOf, runProgram } from '../support/programs.js'

const MISSING_FILE = ['--require', 'a-file-that-is-missing.cjs']

/** Runs `kill` amid tasks that count their runs; all of those must complete, each once. Returns what `kill` rejects with. */
async function costsOneTask(pool: Pool, runs: Int32Array, kill: () => PromiseLike<unknown>): Promise<any> {
  const tasks = runs.length
  const handles: PromiseLike<number>[] = []
  let killed: Promise<unknown> | undefined
  for (let task = 0; task < tasks; task++) {
    if (task === tasks >> 1) killed = rejectionOf(kill(), 'the killed task')
    handles.push(pool.run(run, [task, 10]))
  }
  assert.equal(await settles(Promise.all(handles), 'the other tasks'), [...runs.keys()])
  assert.ok(
    runs.every((count) => count === 1),
    'each other task ran once',
  )
  const error = await killed
  assert.is(await settles(pool.run(add, [1, 2]), 'a task after the death'), 3)
  return error
}

for (const threads of [1, 2]) {
  const counts = newCounts(400)
  const amid = (kill: (pool: Pool) => PromiseLike<unknown>, options = {}) =>
    withPool({ threads, workerData: counts, ...options }, (pool) => {
      counts.runs.fill(0)
      return costsOneTask(pool, counts.runs, () => kill(pool))
    })

  test(`process.exit in a task costs that task alone, with ${threads} threads`, async () => {
    const error = await amid((pool) => pool.run(exit, [3]))
    assert.instance(error, WorkerLostError)
    assert.is(error.code, 'ERR_PARALLEL_WORKER_LOST')
    assert.is(error.exitCode, 3)
    assert.match(error.message, /exit code 3/)
    assert.match(error.message, /"exit"/)
  })

  test(`an exception outside of the task costs that task alone, with ${threads} threads`, async () => {
    const error = await amid((pool) => pool.run(throwOutside, ['outside']))
    assert.instance(error, WorkerLostError)
    assert.is(error.exitCode, 1)
    assert.instance(error.cause, RangeError)
    assert.is(error.cause.message, 'outside')
    assert.match(error.message, /outside/)
  })

  test(`a rejection that nobody handles costs the task alone, with ${threads} threads`, async () => {
    const error = await amid((pool) => pool.run(rejectOutside, ['forgotten']))
    assert.instance(error, WorkerLostError)
    assert.is(error.cause.message, 'forgotten')
  })

  test(`a worker that runs out of memory costs that task alone, with ${threads} threads`, async () => {
    const resourceLimits = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 }
    const error = await amid((pool) => pool.run(exhaust, []), { resourceLimits })
    assert.instance(error, WorkerLostError)
    assert.is(error.cause.code, 'ERR_WORKER_OUT_OF_MEMORY')
  })

  test(`a worker that somebody terminates costs its task alone, with ${threads} threads`, async () => {
    const error = await amid((pool) => {
      const gate = newGate()
      const thread = new Int32Array(new SharedArrayBuffer(4))
      const handle = pool.run(holdOn, [gate, thread])
      void arrivals(gate, 1).then(() => workers.find(({ threadId }) => threadId === load(thread, 0))?.terminate())
      return handle
    })
    assert.instance(error, WorkerLostError)
    assert.is(error.exitCode, 1)
  })
}

// Every thread that this process starts; those of one test alone, for each test empties it.
const workers: Worker[] = []
process.on('worker', (worker) => {
  workers.push(worker)
})
test.before.each(() => {
  workers.length = 0
})

test('tasks that all kill their workers are all lost, and the pool goes on', () =>
  withPool({ threads: 2 }, async (pool) => {
    const deaths = Array.from({ length: 12 }, (_, i) => pool.run(exit, [10 + i]))
    const outcomes = await settles(Promise.allSettled(deaths), 'the deaths')
    outcomes.forEach((outcome, i) => {
      assert.is(outcome.status, 'rejected')
      assert.is((outcome as PromiseRejectedResult).reason.exitCode, 10 + i)
    })
    assert.is(await pool.run(add, [20, 22]), 42)
    assert.is(pool.stats().failed, 12)
  }))

test('a lost handle says so', () =>
  withPool({ threads: 1 }, async (pool) => {
    const handle = pool.run(exit, [3])
    await rejectionOf(handle)
    assert.is(handle.state, 'lost')
    assert.is(handle.workerId, 1)
    assert.is(handle.attempt, 1)
    assert.ok(handle.isSettled)
    assert.throws(() => handle.tryGet(), /exit code 3/)
  }))

test('deaths and replacements are events of the pool', () =>
  withPool({ threads: 1 }, async (pool) => {
    const exits: unknown[] = []
    const respawns: unknown[] = []
    pool.on('workerExit', (info) => exits.push(info))
    pool.on('workerRespawn', (info) => respawns.push(info))
    await rejectionOf(pool.run(exit, [7]))
    assert.equal(exits, [{ workerId: 1, exitCode: 7 }])
    await pool.run(echo, [1])
    const respawned = new Promise((resolve) => pool.once('workerRespawn', resolve))
    if (respawns.length === 0) await settles(respawned, 'workerRespawn')
    assert.equal(respawns, [{ workerId: 1 }])
    assert.is(pool.stats().respawns, 1)
  }))

test('an idempotent task runs again when its worker dies', () =>
  withPool({ threads: 2 }, async (pool) => {
    const runs = new Int32Array(new SharedArrayBuffer(4))
    const handle = pool.run(exitTimes, [runs, 2], { idempotent: true })
    assert.is(await settles(handle, 'the third attempt'), 3)
    assert.is(handle.attempt, 3)
    assert.is(handle.state, 'ok')
    assert.is(load(runs, 0), 3)
  }))

test('an idempotent task that kills every worker is lost after three attempts', () =>
  withPool({ threads: 2 }, async (pool) => {
    const runs = new Int32Array(new SharedArrayBuffer(4))
    const error = await rejectionOf(pool.run(exitTimes, [runs, 1_000], { idempotent: true }))
    assert.instance(error, WorkerLostError)
    assert.is(error.exitCode, 4)
    assert.is(load(runs, 0), 3)
  }))

test('a task that is not idempotent runs once, whatever happens', () =>
  withPool({ threads: 2 }, async (pool) => {
    const runs = new Int32Array(new SharedArrayBuffer(4))
    assert.instance(await rejectionOf(pool.run(exitTimes, [runs, 1])), WorkerLostError)
    await pool.run(echo, [1])
    assert.is(load(runs, 0), 1)
  }))

test('async tasks that share a worker die with it, and only they', () =>
  withPool({ threads: 1, concurrentTasksPerWorker: 3 }, async (pool) => {
    const both = [pool.run(throwOutside, ['one']), pool.run(throwOutside, ['two'])].map((handle) => rejectionOf(handle))
    assert.is(await pool.run(add, [1, 1]), 2)
    for (const error of await Promise.all(both)) assert.instance(error, WorkerLostError)
    assert.is(await pool.run(add, [1, 1]), 2)
  }))

for (const threads of [1, 2, 4]) {
  test(`a pool of ${threads} whose workers die at every start says so`, () =>
    withPool({ threads, execArgv: MISSING_FILE }, async (pool) => {
      const errors: unknown[] = []
      pool.on('error', (error) => errors.push(error))
      const handles = Array.from({ length: 50 }, (_, i) => pool.run(add, [i, i]))
      for (const outcome of await settles(Promise.allSettled(handles), 'what waits')) {
        assert.is(outcome.status, 'rejected')
        const { reason } = outcome as PromiseRejectedResult
        assert.instance(reason, WorkerStartError)
        assert.is(reason.code, 'ERR_PARALLEL_WORKER_START')
        assert.match(reason.message, /a-file-that-is-missing/)
      }
      assert.ok(errors.length > 0)
      assert.ok(errors.every((error) => error instanceof WorkerStartError))
      const again = await rejectionOf(pool.run(add, [1, 1]), 'a call after the failure')
      assert.instance(again, WorkerStartError)
    }))
}

for (const threads of [1, 2]) {
  test(`ready() of a pool of ${threads} whose workers die at every start rejects`, () =>
    withPool({ threads, execArgv: MISSING_FILE }, async (pool) => {
      pool.on('error', () => {})
      assert.instance(await rejectionOf(pool.ready(), 'ready()'), WorkerStartError)
    }))
}

test('a flag that no worker takes is an error, not a hang', async () => {
  let pool: Pool | undefined
  const error = await rejectionOf(
    (async () => {
      pool = new Pool({ threads: 1, execArgv: ['--no-such-flag'] })
      pool.on('error', () => {})
      await pool.run(add, [1, 1])
    })(),
  )
  if (pool !== undefined) await settles(pool.close({ timeout: 0 }), 'close()')
  assert.ok(/^ERR_PARALLEL_(OPTION|WORKER_START)$/.test(error.code), `${error.code}: ${error.message}`)
  assert.match(error.message, /no-such-flag/)
})

test('a task module that throws in the worker is a TaskLoadError', () =>
  withPool({ threads: 2 }, async (pool) => {
    const errors = await Promise.all([1, 2, 3].map((x) => rejectionOf(pool.run(fromThrowing, [x]))))
    for (const error of errors) {
      assert.instance(error, TaskLoadError)
      assert.is(error.code, 'ERR_PARALLEL_TASK_LOAD')
      assert.match(error.message, /throws\.js/)
      assert.match(error.message, /no luck today/)
      assert.instance(error.cause, RangeError)
    }
    assert.is(await pool.run(add, [1, 2]), 3)
  }))

test('a task module that never finishes is a TaskLoadError after loadTimeout, and others go on meanwhile', () =>
  withPool({ threads: 2, loadTimeout: 300 }, async (pool) => {
    const loading = rejectionOf(pool.run(fromEndless, [1]))
    for (let i = 0; i < 20; i++) assert.is(await pool.run(add, [i, 1]), i + 1)
    const error = await loading
    assert.instance(error, TaskLoadError)
    assert.match(error.message, /endless\.js/)
    assert.match(error.message, /300 ms/)
    assert.is(await pool.run(add, [1, 2]), 3)
  }))

test('a task module that is not there is a TaskLoadError', () =>
  withPool({ threads: 1 }, async (pool) => {
    const { nobody } = parallel('file:///nowhere/tasks.js', { nobody: (x: number) => x })
    const error = await rejectionOf(pool.run(nobody, [1]))
    assert.instance(error, TaskLoadError)
    assert.match(error.message, /file:\/\/\/nowhere\/tasks\.js/)
    assert.is(await pool.run(add, [1, 2]), 3)
  }))

test('a key that the module does not define in the worker is a TaskNotFoundError', () =>
  withPool({ threads: 1 }, async (pool) => {
    const error = await rejectionOf(pool.run(missing, [1]))
    assert.instance(error, TaskNotFoundError)
    assert.is(error.code, 'ERR_PARALLEL_TASK_NOT_FOUND')
    assert.match(error.message, /"missing"/)
    assert.is(await pool.run(present, [1]), 2)
  }))

test('a function that is another one in the worker is a TaskNotFoundError', () =>
  withPool({ threads: 1 }, async (pool) => {
    const error = await rejectionOf(pool.run(shifty, [1]))
    assert.instance(error, TaskNotFoundError)
    assert.match(error.message, /"shifty"/)
  }))

test('a task module that calls a task while a worker evaluates it is a TaskLoadError that shows the guard', () =>
  withPool({ threads: 1 }, async (pool) => {
    const error = await rejectionOf(pool.run(innocent, [1]))
    assert.instance(error, TaskLoadError)
    assert.match(error.message, /if \(!isWorker\)/)
    assert.match(error.message, /innocent/)
    assert.is(await pool.run(add, [1, 2]), 3)
  }))

test('a task that throws something without a prototype that cannot be cloned fails, and its worker lives', () =>
  withPool({ threads: 1 }, async (pool) => {
    const throwing = parallel(function throwing() {
      throw Object.assign(Object.create(null), { call: () => {} })
    })
    const error = await rejectionOf(pool.run(throwing, []))
    assert.not(error instanceof WorkerLostError, error.message)
    assert.is(pool.stats().respawns, 0)
    assert.is(await pool.run(add, [1, 2]), 3)
  }))

test('an error whose properties throw when they are read fails its task, and its worker lives', () =>
  withPool({ threads: 1 }, async (pool) => {
    const throwing = parallel(function throwing() {
      throw Object.defineProperty(new Error('tricky'), 'stack', {
        get() {
          throw new Error('from the getter')
        },
      })
    })
    const error = await rejectionOf(pool.run(throwing, []))
    assert.not(error instanceof WorkerLostError, error.message)
    assert.is(await pool.run(add, [1, 2]), 3)
  }))

test('what a worker has finished before it dies is not lost', () =>
  withPool({ threads: 1 }, async (pool) => {
    await pool.ready()
    for (let round = 0; round < 3; round++) {
      const gate = newGate()
      const texts = Array.from({ length: 40 }, (_, i) => String.fromCharCode(97 + i).repeat(10 + 2_000 * i))
      const handles = texts.map((text) => pool.run(echo, [{ text }]))
      const large = pool.run(echo, ['z'.repeat(3_000_000)])
      const lost = rejectionOf(pool.run(exitAfter, [gate]))
      // This thread reads no completion before the worker is dead: no turn of its event loop comes in between.
      for (let looks = 0; arrivedAt(gate) === 0 && looks < 1_000; looks++) wait(gate, 0, 0, 10)
      wait(gate, 1, 0, 100)
      assert.equal(
        await Promise.all(handles),
        texts.map((text) => ({ text })),
      )
      assert.is(((await large) as string).length, 3_000_000)
      assert.instance(await lost, WorkerLostError)
    }
  }))

test('a pool whose workers die at every start can be closed at any time', async () => {
  for (const timeout of [0, 200]) {
    const pool = new Pool({ threads: 2, execArgv: MISSING_FILE })
    pool.on('error', () => {})
    const handle = pool.run(add, [1, 1])
    handle.onError(() => {})
    await settles(pool.close({ timeout }), 'close()')
    assert.ok(handle.isSettled)
  }
})

test('a pool closes while its workers are dying', () =>
  withPool({ threads: 2 }, async (pool) => {
    const gate = newGate()
    const doomed = [pool.run(exitWhenOpened, [gate]), pool.run(exitWhenOpened, [gate])].map((handle) =>
      rejectionOf(handle),
    )
    await arrivals(gate, 2)
    const rest = Array.from({ length: 100 }, (_, i) => pool.run(add, [i, 1]))
    const closing = pool.close()
    openGate(gate)
    assert.equal(
      await Promise.all(rest),
      rest.map((_, i) => i + 1),
    )
    const closed = await settles(closing, 'close()')
    assert.ok(closed.clean)
    assert.is(closed.completed, 100)
    for (const error of await Promise.all(doomed)) assert.instance(error, WorkerLostError)
  }))

test('a failure of one task leaves the worker alive', () =>
  withPool({ threads: 1 }, async (pool) => {
    for (let i = 0; i < 50; i++) assert.instance(await rejectionOf(pool.run(fail, [String(i)])), RangeError)
    assert.is(pool.stats().respawns, 0)
    assert.is(pool.stats().failed, 50)
  }))

// ---- with a host that blocks: each in a process of its own, for a hang would take the whole file along

const programs: Record<string, () => Promise<void>> = {
  async 'a death'() {
    await using pool = new Pool({ threads: 2 })
    const lost = pool.run(exit, [3])
    const others = Array.from({ length: 100 }, (_, i) => pool.run(add, [i, 1]))
    let code: unknown
    try {
      lost.get()
    } catch (error) {
      code = (error as { code: string }).code
    }
    report({ code, sum: others.reduce((sum, handle) => sum + handle.get(), 0), after: pool.run(add, [1, 2]).get() })
  },
  async 'deaths one after another'() {
    await using pool = new Pool({ threads: 1 })
    const codes = new Set<unknown>()
    for (let i = 0; i < 5; i++) {
      try {
        pool.run(exit, [3]).get()
      } catch (error) {
        codes.add((error as { code: string }).code)
      }
    }
    report({ codes: [...codes], after: pool.run(add, [1, 2]).get() })
  },
  async 'failing starts'() {
    const pool = new Pool({ threads: 2, execArgv: MISSING_FILE })
    pool.on('error', () => {})
    let code: unknown
    try {
      pool.run(add, [1, 2]).get()
    } catch (error) {
      code = (error as { code: string }).code
    }
    await pool.close()
    report({ code })
  },
  async 'an endless module'() {
    await using pool = new Pool({ threads: 1, loadTimeout: 200 })
    let code: unknown
    try {
      pool.run(fromEndless, [1]).get()
    } catch (error) {
      code = (error as { code: string }).code
    }
    report({ code })
  },
}

if (program !== undefined) await programs[program]?.()
else {
  const outcomeOf = async (name: string): Promise<unknown> => reportOf(await runProgram(import.meta.url, name))

  test('a host that blocks in get() learns of a death', async () => {
    assert.equal(await outcomeOf('a death'), { code: 'ERR_PARALLEL_WORKER_LOST', sum: 5050, after: 3 })
  })

  test('a host that blocks learns of one death after the other', async () => {
    assert.equal(await outcomeOf('deaths one after another'), { codes: ['ERR_PARALLEL_WORKER_LOST'], after: 3 })
  })

  test('a host that blocks learns that its workers cannot start', async () => {
    assert.equal(await outcomeOf('failing starts'), { code: 'ERR_PARALLEL_WORKER_START' })
  })

  test('a host that blocks learns that a module does not finish', async () => {
    assert.equal(await outcomeOf('an endless module'), { code: 'ERR_PARALLEL_TASK_LOAD' })
  })

  test.run()
}
