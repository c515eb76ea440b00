import { Pool, type PoolOptions } from '../../lib/index.js'
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
