// poolifier with its queue per worker, from which idle workers steal: what it has for uneven loads.
import type { Start } from './contender.js'
import { startPoolifier } from './poolifier-pool.js'

export const start: Start = (threads) => startPoolifier(threads, true)
