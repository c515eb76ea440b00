/** The pool of calls that name none. Its threads start with its first call. */
import { PROTOCOL } from '../workers/index.js'
import type { CloseOptions, CloseReport } from './options.js'
import { CONFIGURE, Pool } from './pool.js'
import type { PoolOptions } from './pool-options.js'

const KEY = Symbol.for(`makeparallel.defaultPool.${PROTOCOL}`)
const shared = globalThis as unknown as Record<symbol, Pool | undefined>

/** One for all copies of the library in this thread. Libraries take a Pool from their caller instead. */
export const defaultPool: Pool = (shared[KEY] ??= new Pool({ name: 'default' }))

/**
 * Sets the options of the default pool before its first call, or reopens it after `shutdown()`.
 * @throws OptionError `ERR_PARALLEL_OPTION` for a wrong value, or while the pool runs
 */
export function configure(options: PoolOptions): void {
  defaultPool[CONFIGURE]({ name: 'default', ...options })
}

/** Closes the default pool. */
export function shutdown(options?: CloseOptions): Promise<CloseReport> {
  return defaultPool.close(options)
}
