import { Pool, type PoolOptions, type TaskHandle } from '../../lib/index.js'
import { hold } from '../fixtures/gates.js'
import { arrivals, newGate, openGate } from './gate.js'
import { settles } from './hang-limit.js'

/** Lends a pool to `body`; afterwards its threads are ended, whatever they do. */
export async function withPool<T>(options: PoolOptions, body: (pool: Pool) => T | Promise<T>): Promise<T> {
  const pool = new Pool(options)
  try {
    return await settles(Promise.resolve(body(pool)), 'the body')
  } finally {
    await settles(pool.close({ timeout: 0 }), 'close()')
  }
}

/** Lends a pool whose only worker is held by the task `held`, so that later calls stay queued until `open`. */
export function heldPool(
  body: (pool: Pool, open: () => void, held: TaskHandle<unknown>) => Promise<void>,
  options: PoolOptions = {},
): Promise<void> {
  return withPool({ threads: 1, ...options }, async (pool) => {
    const gate = newGate()
    const held = pool.run(hold, [gate, 'held'])
    await arrivals(gate, 1)
    try {
      await body(pool, () => openGate(gate), held)
    } finally {
      openGate(gate)
    }
  })
}
