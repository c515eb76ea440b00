import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type HostLogger, OptionError, type PoolOptions } from '../../lib/index.js'
import { add } from '../fixtures/basic.js'
import { exit } from '../fixtures/deaths.js'
import { closeFailing, Marks, openFailing } from '../fixtures/everywhere.js'
import { rejectionOf, settles, thrownBy, until } from '../support/hang-limit.js'
import { heldPool, newPool, onHost, threaded, withPool } from '../support/pools.js'

type Line = readonly [level: string, message: string | undefined, fields: Record<string, unknown>]

/** Writes down what it is told; its methods need their `this`, as those of pino do. */
class Recorder implements HostLogger {
  readonly lines: Line[] = []
  readonly #lines = this.lines

  debug(fields: object, message?: string): void {
    this.#lines.push(['debug', message, fields as Record<string, unknown>])
  }
  info(fields: object, message?: string): void {
    this.#lines.push(['info', message, fields as Record<string, unknown>])
  }
  warn(fields: object, message?: string): void {
    this.#lines.push(['warn', message, fields as Record<string, unknown>])
  }
  error(fields: object, message?: string): void {
    this.#lines.push(['error', message, fields as Record<string, unknown>])
  }

  /** The lines with this message. */
  of(message: string): Line[] {
    return this.lines.filter(([, said]) => said === message)
  }
}

threaded('workers start and leave')('the logger hears of workers that start and leave, and of the end', async () => {
  const logger = new Recorder()
  const pool = newPool({ name: 'logged', threads: 2, logger })
  await pool.ready()
  await pool.run(add, [1, 2])
  assert.equal(
    logger.of('worker started').map(([level, , { pool: name, workerId }]) => [level, name, workerId]),
    [
      ['debug', 'logged', 1],
      ['debug', 'logged', 2],
    ],
  )
  pool.resize({ threads: 1 })
  await until(() => logger.of('worker left').length === 1, 'the departure')
  assert.equal(logger.of('worker left'), [['debug', 'worker left', { pool: 'logged', workerId: 2, exitCode: 0 }]])
  await pool.close()
  assert.equal(logger.of('pool closed'), [
    ['info', 'pool closed', { pool: 'logged', clean: true, completed: 0, cancelled: 0, terminated: 0 }],
  ])
  assert.equal(logger.of('worker died'), [])
})

threaded('a worker dies')('the logger hears of workers that die, why, and of their replacements', () => {
  const logger = new Recorder()
  return withPool({ threads: 1, logger }, async (pool) => {
    await rejectionOf(pool.run(exit, [3]))
    assert.is(await pool.run(add, [1, 2]), 3)
    const [[level, , fields]] = logger.of('worker died') as [Line]
    assert.is(level, 'warn')
    assert.equal([fields.workerId, fields.exitCode], [1, 3])
    await until(() => logger.of('worker replaced').length === 1, 'the replacement')
    assert.is(logger.of('worker replaced')[0]?.[0], 'info')
  })
})

test('the logger hears of the end of a pool, with its report', async () => {
  const logger = new Recorder()
  const pool = newPool({ name: 'logged', threads: 1, logger })
  await pool.run(add, [1, 2])
  const report = await settles(pool.close(), 'close()')
  assert.equal(logger.of('pool closed'), [['info', 'pool closed', { pool: 'logged', ...report }]])
  await pool.close()
  assert.is(logger.of('pool closed').length, 1, 'once')
})

test('the logger hears of errors of the pool, whoever listens', () => {
  const logger = new Recorder()
  return withPool({ threads: 1, logger, setup: openFailing, workerData: new Marks().words }, async (pool) => {
    await rejectionOf(pool.run(add, [1, 2]))
    const errors = logger.of('pool error')
    assert.is(errors.length, 1)
    assert.is(errors[0]?.[0], 'error')
    assert.match(String((errors[0] as Line)[2].err), /WorkerStartError/)
  })
})

test('the logger hears of a teardown that fails', async () => {
  const logger = new Recorder()
  const pool = newPool({ threads: 1, logger, teardown: closeFailing, workerData: new Marks().words })
  await pool.run(add, [1, 2])
  await settles(pool.close(), 'close()')
  assert.match(String(logger.of('pool error')[0]?.[2].err), /the file is gone/)
})

test('the logger hears of a queue that has reached its mark', () => {
  const logger = new Recorder()
  return heldPool(
    async (pool, open, held) => {
      const handle = pool.run(add, [1, 2])
      assert.equal(logger.of('the queue has reached its mark'), [
        ['warn', 'the queue has reached its mark', { pool: pool.name, unsettled: 2 }],
      ])
      open()
      await held
      await handle
    },
    { logger, maxQueue: 1 },
  )
})

test('a logger that throws harms nobody, and what it throws is an uncaught exception', async () => {
  const thrown: unknown[] = []
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => thrown.push(error))
  try {
    const oops = new Error('disk full')
    const fails = (): void => {
      throw oops
    }
    const logger = { debug: fails, info: fails, warn: fails, error: fails }
    const pool = newPool({ threads: 1, logger })
    assert.is(await pool.run(add, [1, 2]), 3)
    assert.ok((await settles(pool.close(), 'close()')).clean)
    await until(() => thrown.length >= (onHost ? 1 : 2), 'the exceptions')
    assert.ok(thrown.every((error) => error === oops))
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const listener of listeners) process.on('uncaughtException', listener)
  }
})

test('console is a logger', () => {
  const pool = newPool({ logger: console })
  return pool.close().then(() => {})
})

const wrong: [unknown, RegExp][] = [
  ['console', /Pool: logger must be a logger, not "console"/],
  [null, /not null/],
  [{}, /Pool: logger\.debug must be a function, not undefined/],
  [{ ...console, warn: 'loud' }, /Pool: logger\.warn must be a function, not "loud"/],
]
for (const [logger, message] of wrong) {
  test(`a logger that is ${String(message)} is refused`, () => {
    const error = thrownBy(() => newPool({ logger } as PoolOptions))
    assert.instance(error, OptionError)
    assert.match(error.message, message)
  })
}

test.run()
