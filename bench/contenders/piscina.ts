// Piscina as documented: one task per worker, and an idle worker is blocked in Atomics.wait.
import type { Start } from './contender.js'
import { startPiscina } from './piscina-pool.js'

export const start: Start = (threads) => startPiscina(threads, 'sync', 1)
