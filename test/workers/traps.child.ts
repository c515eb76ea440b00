import { fork } from 'node:child_process'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { setTimeout as later } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Pool, parallel } from '../../lib/index.js'
import { add, fib, spin } from '../fixtures/basic.js'
import { exit } from '../fixtures/deaths.js'
import { fromEndless } from '../fixtures/endless.js'
import { awaitMany, fibGet } from '../fixtures/family.js'
import { hold } from '../fixtures/gates.js'
import { environment } from '../fixtures/inside.js'
import { up } from '../fixtures/traps/circle-a.js'
import { placeOf } from '../fixtures/traps/surroundings.js'
import { sizeAtLoad } from '../fixtures/traps/waits.js'
import { arrivals, newGate } from '../support/gate.js'
import { type ProgramOptions, program, report, reportOf, runProgram } from '../support/programs.js'

/** Two endless tasks on two threads, running. */
async function busyPool(): Promise<Pool> {
  const pool = new Pool({ threads: 2 })
  const gate = newGate()
  for (let i = 0; i < 2; i++) void pool.run(hold, [gate])
  await arrivals(gate, 2)
  return pool
}

const codeOf = (promise: PromiseLike<unknown>): PromiseLike<unknown> =>
  promise.then(
    (value) => value,
    ({ code, message }: { code: string; message: string }) => ({ code, message }),
  )

const programs: Record<string, () => unknown> = {
  async 'a pool in a task module'() {
    let threads = 0
    process.on('worker', () => threads++)
    const { own, pooled } = await import('../fixtures/traps/pool-in-module.js')
    const pool = new Pool({ threads: 2 })
    report([await pool.run(pooled, [4]), await own.run(pooled, [5]), threads])
  },
  async 'a task module that awaits'() {
    report((await sizeAtLoad()) > 0)
  },
  async 'task modules that import each other'() {
    report(await up(5))
  },
  async 'a module that never finishes'() {
    const pool = new Pool({ threads: 1, loadTimeout: 500, concurrentTasksPerWorker: 2 })
    const endless = codeOf(pool.run(fromEndless, [1]))
    const sums = await Promise.all(Array.from({ length: 100 }, (_, i) => pool.run(add, [i, 1])))
    const { code } = (await endless) as { code: string }
    const again = (await codeOf(pool.run(fromEndless, [1]))) as { code: string }
    report([sums.length, code, again.code, await pool.run(add, [1, 2]), (await pool.close()).clean])
  },
  async 'close while a module never finishes'() {
    const pool = new Pool({ threads: 1, loadTimeout: 60_000 })
    const endless = codeOf(pool.run(fromEndless, [1]))
    await later(300)
    await pool.close({ timeout: 0 })
    report(((await endless) as { code: string }).code)
  },
  async 'several pools at once'() {
    const pools = Array.from({ length: 4 }, (_, i) => new Pool({ threads: 1 + (i % 2) }))
    const rounds = Array.from({ length: 200 }, (_, i) => i)
    const sums = await Promise.all(
      pools.map(async (pool) => {
        const values = await Promise.all(rounds.map((i) => pool.run(add, [i, 1])))
        return [values.reduce((a, b) => a + b), await pool.run(fibGet, [12]), await pool.run(awaitMany, [20])]
      }),
    )
    report([new Set(sums.map(String)).size, sums[0]])
  },
  async 'fifty pools that nobody closes'() {
    const cycle = async (): Promise<number> => new Pool({ threads: 1 }).run(add, [1, 2])
    for (let i = 0; i < 50; i++) await cycle()
    report('dropped')
  },
  async 'fifty pools with an idleTimeout'() {
    let alive = 0
    process.on('worker', (worker) => {
      alive++
      worker.on('exit', () => alive--)
    })
    for (let i = 0; i < 50; i++) await new Pool({ minThreads: 0, maxThreads: 1, idleTimeout: 20 }).run(add, [1, 2])
    for (let tries = 0; alive > 0 && tries < 400; tries++) await later(25)
    report(alive)
  },
  async 'process.exit in the middle'() {
    await busyPool()
    const start = performance.now()
    process.on('exit', () => report(performance.now() - start))
    process.exit(7)
  },
  async 'process.exitCode'() {
    process.exitCode = 9
    report(await add(1, 2))
  },
  async 'process.exit in a task'() {
    const pool = new Pool({ threads: 1 })
    report([((await codeOf(pool.run(exit, [5]))) as { code: string }).code, await pool.run(add, [1, 2])])
  },
  async 'an uncaught exception'() {
    await busyPool()
    setImmediate(() => {
      throw new Error('on the host')
    })
  },
  async 'a signal while busy'() {
    await busyPool()
    console.log('busy')
  },
  async 'a signal while blocked'() {
    const pool = new Pool({ threads: 1 })
    const gate = newGate()
    const held = pool.run(hold, [gate])
    await arrivals(gate, 1)
    process.stdout.write('busy\n', () => held.get())
  },
  async 'a signal with a listener'() {
    const pool = await busyPool()
    process.once('SIGINT', () => void pool.close({ timeout: 0 }).then(({ terminated }) => report(terminated)))
    console.log('busy')
  },
  async 'standard input'() {
    const numbers: PromiseLike<number>[] = []
    let text = ''
    for await (const chunk of process.stdin) text += chunk
    for (const line of text.trim().split('\n')) numbers.push(add(Number(line), 1))
    report(await Promise.all(numbers))
  },
  async 'code from strings'() {
    let inline: unknown
    try {
      inline = await codeOf(parallel((x: number) => x + 1)(1))
    } catch (error) {
      const { name, message } = error as Error
      inline = { name, message }
    }
    report([await add(1, 2), await new Pool({ threads: 1 }).run(fibGet, [10]), inline])
  },
  async 'a few calls'() {
    const pool = new Pool({ threads: 2 })
    report([await pool.run(add, [1, 2]), await pool.run(fibGet, [12]), await pool.run(awaitMany, [20])])
    await pool.close()
  },
  async 'calls without permission'() {
    const pool = new Pool({ threads: 1 })
    const errors: unknown[] = []
    pool.on('error', (error) => errors.push(error))
    const first = await codeOf(pool.run(add, [1, 2]))
    const second = await codeOf(pool.run(add, [1, 2]))
    const ready = await codeOf(new Pool().ready())
    report([first, second, ready, errors.length, (await pool.close()).clean])
  },
  async 'a forked process'() {
    const child = fork(fileURLToPath(import.meta.url), ['a few calls'], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    const [code] = await once(child, 'close')
    report([code, /report: (.*)/.exec(output)?.[1]])
  },
  async 'a cluster'() {
    if (cluster.isPrimary) {
      const workers = [cluster.fork(), cluster.fork()]
      const ends = workers.map((worker) => Promise.all([once(worker, 'message'), once(worker, 'exit')]))
      const outcomes = await Promise.all(ends)
      report([await add(1, 2), ...outcomes.map(([[message], [code]]) => [message, code])])
    } else {
      const values = await Promise.all([add(1, 2), fib(10)])
      process.send?.(values, () => cluster.worker?.disconnect())
    }
  },
  async surroundings() {
    const pool = new Pool({ threads: 1 })
    const before = await pool.run(placeOf, [])
    process.chdir(tmpdir())
    const moved = await pool.run(placeOf, [])
    process.env.TRAP = 'set late'
    const late = await pool.run(environment, ['TRAP'])
    const fresh = await new Pool({ threads: 1 }).run(environment, ['TRAP'])
    const given = await new Pool({ threads: 1, env: { TRAP: 'given' } }).run(environment, ['TRAP'])
    report({ before: before === process.env.START, moved: moved === process.cwd(), late: late ?? null, fresh, given })
  },
  async 'a pool at rest, then a busy one'() {
    const pool = new Pool({ threads: 1 })
    await pool.run(add, [1, 2])
    // Nothing holds the process now but this call, which nobody waits for.
    void pool.run(spin, [300_000]).onComplete(() => report('it was waited for'))
  },
}

if (program !== undefined) await (programs[program] as () => unknown)()
else {
  const run = (name: string, options?: ProgramOptions) => runProgram(import.meta.url, name, options)
  const outcomeOf = async (name: string, options?: ProgramOptions): Promise<any> => reportOf(await run(name, options))
  const fixture = (name: string): string => new URL(`../fixtures/traps/${name}.js`, import.meta.url).href
  const version = Number(process.versions.node.split('.')[0])

  test('a pool in a task module starts threads on the host alone', async () => {
    const [ofOther, ofOwn, threads] = await outcomeOf('a pool in a task module')
    assert.equal(
      [ofOther, ofOwn],
      [
        { value: 8, threads: 0 },
        { value: 10, threads: 0 },
      ],
    )
    assert.ok(threads <= 4, `${threads} threads`)
  })

  test('a task module may await at its top level', async () => {
    assert.is(await outcomeOf('a task module that awaits'), true)
  })

  test('task modules may import each other', async () => {
    assert.is(await outcomeOf('task modules that import each other'), 'ududu.')
  })

  test('a program may be its own task module, and be imported by its tasks, if it guards what the host does', async () => {
    const outcome = await runProgram(fixture('guarded-main'), '')
    assert.equal(reportOf(outcome), [9, '4 of main', 'tasks'])
    assert.is(outcome.stdout.match(/report/g)?.length, 1)
  })

  for (const way of [
    'call, awaited',
    'pool, awaited',
    'with, awaited',
    'call, main',
    'pool, main',
    'call, late',
    'pool, late',
  ]) {
    test(`a program without the guard learns of it: ${way}`, async () => {
      const outcome = await runProgram(fixture('unguarded-main'), '', { env: { WAY: way } })
      const { outcome: seen, threads } = reportOf(outcome)
      assert.is(outcome.stdout.match(/report/g)?.length, 1)
      assert.ok(threads <= 8, `${threads} threads`)
      assert.is(seen.code, 'ERR_PARALLEL_TASK_LOAD')
      assert.match(seen.message, /if \(!isWorker\)/)
      assert.match(seen.message, /unguarded-main/)
    })
  }

  test('a module that never finishes fails its own tasks alone, and the pool closes', async () => {
    const code = 'ERR_PARALLEL_TASK_LOAD'
    assert.equal(await outcomeOf('a module that never finishes'), [100, code, code, 3, true])
  })

  test('a pool closes while a module never finishes', async () => {
    assert.is(await outcomeOf('close while a module never finishes'), 'ERR_PARALLEL_SHUTDOWN')
  })

  test('several pools run the same functions at once', async () => {
    assert.equal(await outcomeOf('several pools at once'), [1, [20_100, 144, 380]])
  })

  test('fifty pools that nobody closes keep no process alive', async () => {
    assert.is(await outcomeOf('fifty pools that nobody closes', { seconds: 90 }), 'dropped')
  })

  test('pools that are dropped give their threads back after their idleTimeout', async () => {
    assert.is(await outcomeOf('fifty pools with an idleTimeout', { seconds: 90 }), 0)
  })

  test('process.exit on the host while tasks run ends the process at once, with its code', async () => {
    const { code, stdout } = await run('process.exit in the middle')
    assert.is(code, 7)
    assert.ok(Number(/report: (.*)/.exec(stdout)?.[1]) < 1_000)
  })

  test('process.exitCode is kept', async () => {
    const { code, stdout } = await run('process.exitCode')
    assert.is(code, 9)
    assert.match(stdout, 'report: 3')
  })

  test('process.exit in a task costs that task alone', async () => {
    assert.equal(await outcomeOf('process.exit in a task'), ['ERR_PARALLEL_WORKER_LOST', 3])
  })

  test('an uncaught exception on the host while tasks run ends the process', async () => {
    const { code, stderr } = await run('an uncaught exception')
    assert.is(code, 1)
    assert.match(stderr, /on the host/)
  })

  for (const name of ['a signal while busy', 'a signal while blocked']) {
    test(`SIGINT ends the process: ${name}`, async () => {
      const { by } = await run(name, { signal: { name: 'SIGINT', after: 'busy' } })
      assert.is(by, 'SIGINT')
    })
  }

  test('a listener for SIGINT may close a busy pool', async () => {
    assert.is(await outcomeOf('a signal with a listener', { signal: { name: 'SIGINT', after: 'busy' } }), 2)
  })

  test('a program that reads its standard input ends with it', async () => {
    assert.equal(await outcomeOf('standard input', { input: '1\n2\n3\n' }), [2, 3, 4])
  })

  test('where no code may be made from strings, tasks of modules run and inline ones say why they cannot', async () => {
    const execArgv = ['--disallow-code-generation-from-strings']
    const [sum, fibonacci, inline] = await outcomeOf('code from strings', { execArgv })
    assert.equal([sum, fibonacci], [3, 55])
    assert.match(inline.message, /strings/)
    assert.match(inline.message, /parallel\(import\.meta/)
  })

  test('frozen intrinsics do no harm', async () => {
    assert.equal(await outcomeOf('a few calls', { execArgv: ['--frozen-intrinsics'] }), [3, 144, 380])
  })

  const permission = version < 22 ? '--experimental-permission' : '--permission'

  test('without the permission to start workers the error names the flag', async () => {
    const execArgv = [permission, '--allow-fs-read=*']
    const [first, second, ready, errors, clean] = await outcomeOf('calls without permission', { execArgv })
    for (const { code, message } of [first, second, ready]) {
      assert.is(code, 'ERR_PARALLEL_WORKER_START')
      assert.match(message, /--allow-worker/)
    }
    assert.ok(errors >= 1)
    assert.is(clean, true)
  })

  test('with the permission to start workers a pool works', async () => {
    const execArgv = [permission, '--allow-fs-read=*', '--allow-worker']
    assert.equal(await outcomeOf('a few calls', { execArgv }), [3, 144, 380])
  })

  test('a forked process has pools of its own', async () => {
    assert.equal(await outcomeOf('a forked process'), [0, '[3,144,380]'])
  })

  test('the processes of a cluster have pools of their own', async () => {
    assert.equal(await outcomeOf('a cluster'), [3, [[3, 55], 0], [[3, 55], 0]])
  })

  test("a worker has the host's directory as it is, and its environment as it was when the worker started", async () => {
    const seen = await outcomeOf('surroundings', { env: { START: process.cwd() } })
    assert.equal(seen, { before: true, moved: true, late: null, fresh: 'set late', given: 'given' })
  })

  test('a call that nobody waits for keeps the process alive, though the pool was at rest', async () => {
    assert.is(await outcomeOf('a pool at rest, then a busy one'), 'it was waited for')
  })

  test.run()
}
