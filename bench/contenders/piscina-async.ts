// Piscina with workers whose event loop stays alive while they are idle, as this library's do.
import type { Start } from './contender.js'
import { startPiscina } from './piscina-pool.js'

export const start: Start = (threads) => startPiscina(threads, 'async')
