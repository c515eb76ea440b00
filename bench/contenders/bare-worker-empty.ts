// See `bench/contenders/bare-worker.ts`: one that loads nothing.
import { startBareWorker } from './bare-worker.js'
import type { Start } from './contender.js'

export const start: Start = startBareWorker(false)
