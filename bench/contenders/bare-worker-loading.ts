// See `bench/contenders/bare-worker.ts`: one that loads what a worker of this library loads.
import { startBareWorker } from './bare-worker.js'
import type { Start } from './contender.js'

export const start: Start = startBareWorker(true)
