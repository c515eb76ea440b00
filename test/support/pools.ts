import { test } from 'uvu'
import { configure, Pool, type PoolOptions, type TaskHandle } from '../../lib/index.js'
import { hold, holdAwaiting } from '../fixtures/gates.js'
import { arrivals, newGate, openGate } from './gate.js'
import { settles } from './hang-limit.js'

/** These tests run with the tasks on the host: see on-host.ts. */
export const onHost: boolean = process.env.MAKEPARALLEL_TESTS_ON_HOST === 'yes'
if (onHost) configure({ threads: 0 })

/** `test` for what cannot hold without threads; `why` is for the reader. */
export function threaded(_why: string): typeof test | typeof test.skip {
  return onHost ? test.skip : test
}

/** Comes to a gate and stays there, until it opens, with its worker busy, or its place on the host taken. */
export const holds: typeof hold | typeof holdAwaiting = onHost ? holdAwaiting : hold

/** A pool with these options, or, where the tasks run on the host, one without threads. */
export function newPool(options: PoolOptions): Pool {
  if (!onHost) return new Pool(options)
  const { minThreads, maxThreads, threads, ...rest } = options
  return new Pool({ ...rest, threads: 0 })
}

/** Lends a pool to `body`; afterwards its threads are ended, whatever they do. */
export async function withPool<T>(options: PoolOptions, body: (pool: Pool) => T | Promise<T>): Promise<T> {
  const pool = newPool(options)
  try {
    return await settles(Promise.resolve(body(pool)), 'the body')
  } finally {
    await settles(pool.close({ timeout: 0 }), 'close()')
  }
}

/**
 * Lends a pool whose only worker is held by the task `held`, so that later calls stay queued until `open`. On the host an
 * async task holds the place of the one that would run.
 */
export function heldPool(
  body: (pool: Pool, open: () => void, held: TaskHandle<unknown>) => Promise<void>,
  options: PoolOptions = {},
): Promise<void> {
  return withPool({ threads: 1, ...options }, async (pool) => {
    const gate = newGate()
    const held = pool.run(holds, [gate, 'held'])
    await arrivals(gate, 1)
    try {
      await body(pool, () => openGate(gate), held)
    } finally {
      openGate(gate)
    }
  })
}
