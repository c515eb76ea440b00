// Piscina with workers whose event loop stays alive while they are idle, as this library's do; with several tasks per
// worker, without which it is slower than the others.
import type { Start } from './contender.js'
import { startPiscina } from './piscina-pool.js'

export const start: Start = (threads) => startPiscina(threads, 'async', 16)
