import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { closeOnSignal, OptionError, Pool } from '../../lib/index.js'
import { closeSync } from '../fixtures/everywhere.js'
import { hold, holdAsync, holdAwaiting } from '../fixtures/gates.js'
import { arrivals, newGate, openGate } from '../support/gate.js'
import { settles, thrownBy } from '../support/hang-limit.js'
import { withPool } from '../support/pools.js'
import { program } from '../support/programs.js'

const say = (line: string): void => console.log(line)
/** Something that keeps the process alive. */
const stay = (): unknown => setInterval(() => {}, 1_000)

/** What a process does before it says `ready` and gets its signals. */
const programs: Record<string, () => unknown> = {
  /** Work is under way, which ends when the signal comes. */
  async drains() {
    const pool = new Pool({ threads: 2, teardown: closeSync })
    closeOnSignal(pool)
    const gate = newGate()
    const handles = Array.from({ length: 10 }, () => pool.run(holdAwaiting, [gate, 'held']))
    void Promise.all(handles).then((values) => say(`settled ${values.length}`))
    await arrivals(gate, 2)
    stay()
    for (const signal of ['SIGTERM', 'SIGINT'] as const)
      process.once(signal, () => setTimeout(() => openGate(gate), 50))
  },
  /** The work never ends, and nothing else listens. */
  async patient() {
    const pool = new Pool({ threads: 1 })
    closeOnSignal(pool, { timeout: 60_000 })
    const gate = newGate()
    pool.run(holdAsync, [gate]).onError(() => {})
    await arrivals(gate, 1)
  },
  async impatient() {
    const pool = new Pool({ threads: 1 })
    closeOnSignal(pool, { signals: ['SIGHUP'], timeout: 30 })
    const gate = newGate()
    pool.run(holdAsync, [gate]).onError(({ code }: any) => say(code))
    await arrivals(gate, 1)
    stay()
  },
  async disposed() {
    const pool = new Pool({ threads: 1 })
    const guard = closeOnSignal(pool, { timeout: 60_000 })
    const gate = newGate()
    pool.run(holdAsync, [gate]).onError(() => {})
    await arrivals(gate, 1)
    guard[Symbol.dispose]()
    guard[Symbol.dispose]()
    say(`listeners ${process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')}`)
    stay()
  },
  /** Both pools close before the process ends. */
  async two() {
    for (const name of ['first', 'second']) {
      const pool = new Pool({ threads: 1, name })
      closeOnSignal(pool)
      const gate = newGate()
      pool.run(hold, [gate, name]).onComplete((value) => say(`settled ${value}`))
      await arrivals(gate, 1)
      process.once('SIGTERM', () => setTimeout(() => openGate(gate), name === 'first' ? 10 : 200))
    }
    stay()
  },
  /** The application decides itself when to end. */
  async listens() {
    const pool = new Pool({ threads: 1 })
    closeOnSignal(pool)
    await pool.run(holdAwaiting, [openedGate()])
    let heard = 0
    process.on('SIGTERM', () => {
      heard++
      setTimeout(async () => {
        say(`heard ${heard}, clean ${(await pool.close()).clean}`)
        process.exit(7)
      }, 200)
    })
    stay()
  },
  async 'never used'() {
    closeOnSignal(new Pool({ threads: 1 }))
    stay()
  },
  async 'keeps nothing alive'() {
    closeOnSignal(new Pool({ threads: 1 }))
  },
}

function openedGate(): Int32Array {
  const gate = newGate()
  openGate(gate)
  return gate
}

interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly lines: string[]
}

/** Starts a program, sends it `signals` once it is ready, each after the next line that it says, and waits for its end. */
function play(name: string, signals: readonly NodeJS.Signals[], betweenMs = 0): Promise<Ended> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) {
      if (line !== 'ready') lines.push(line)
      else for (const [i, signal] of signals.entries()) setTimeout(() => child.kill(signal), i * betweenMs)
    }
  })
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, lines }))
  })
  return settles(ended, name, 40).finally(() => child.kill('SIGKILL'))
}

if (program !== undefined) {
  await programs[program]?.()
  say('ready')
} else {
  test('a signal closes the pool: what is under way settles, and then the signal ends the process', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const ended = await play('drains', [signal])
      assert.equal(ended.lines, ['settled 10'])
      assert.is(ended.signal, signal)
    }
  })

  test('a second signal does not wait for the first', async () => {
    const ended = await play('patient', ['SIGTERM', 'SIGINT'], 300)
    assert.is(ended.signal, 'SIGINT')
  })

  test('a signal of the list closes within the timeout, and what was running rejects', async () => {
    const ended = await play('impatient', ['SIGHUP'])
    assert.equal(ended, { code: null, signal: 'SIGHUP', lines: ['ERR_PARALLEL_SHUTDOWN'] })
  })

  test('a signal that is not in the list has its usual effect', async () => {
    assert.is((await play('impatient', ['SIGTERM'])).signal, 'SIGTERM')
  })

  test('disposed, it listens no more', async () => {
    const ended = await play('disposed', ['SIGTERM'])
    assert.equal(ended, { code: null, signal: 'SIGTERM', lines: ['listeners 0'] })
  })

  test('of several pools the last one passes the signal on', async () => {
    const ended = await play('two', ['SIGTERM'])
    assert.equal(ended.lines, ['settled first', 'settled second'])
  })

  test('where the application listens too, it hears of the signal once and decides', async () => {
    const ended = await play('listens', ['SIGTERM'])
    assert.equal(ended, { code: 7, signal: null, lines: ['heard 1, clean true'] })
  })

  test('a pool that was never used is closed by a signal, too', async () => {
    assert.equal(await play('never used', ['SIGTERM']), { code: null, signal: 'SIGTERM', lines: [] })
  })

  test('listening keeps no process alive', async () => {
    assert.equal(await play('keeps nothing alive', []), { code: 0, signal: null, lines: [] })
  })

  test('closeOnSignal takes a pool, names of signals and a duration', () =>
    withPool({ threads: 1 }, (pool) => {
      const before = process.listenerCount('SIGTERM') + process.listenerCount('SIGINT')
      for (const [act, message] of [
        [() => closeOnSignal({} as Pool), /closeOnSignal: pool must be a Pool, not a Object/],
        [() => closeOnSignal(pool, { signals: [] }), /signals must be an array of signal names/],
        [() => closeOnSignal(pool, { signals: 'SIGTERM' as never }), /not "SIGTERM"/],
        [() => closeOnSignal(pool, { signals: ['SIGTERM', 'SIGNOPE'] }), /there is no signal SIGNOPE/],
        [() => closeOnSignal(pool, { signals: ['SIGKILL'] }), /there is no signal SIGKILL to listen for/],
        [() => closeOnSignal(pool, { signals: [15 as never] }), /there is no signal 15/],
        [() => closeOnSignal(pool, { timeout: -1 }), /timeout .* not -1/],
        [() => closeOnSignal(pool, { timeout: '5' as never }), /timeout .* not/],
        [
          () => closeOnSignal(pool, { signal: 'SIGTERM' } as never),
          /there is no option "signal"; there are signals, timeout/,
        ],
        [() => closeOnSignal(pool, null as never), /must be an object, not null/],
      ] as const) {
        const error = thrownBy(act)
        assert.instance(error, OptionError)
        assert.match(error.message, message)
      }
      assert.is(process.listenerCount('SIGTERM') + process.listenerCount('SIGINT'), before, 'nothing is left behind')
      const guard = closeOnSignal(pool, { signals: ['SIGTERM', 'SIGTERM'] })
      assert.is(process.listenerCount('SIGTERM'), before + 1)
      guard[Symbol.dispose]()
      assert.is(process.listenerCount('SIGTERM'), before)
    }))

  test.run()
}
