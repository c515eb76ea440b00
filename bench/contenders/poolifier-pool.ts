// poolifier with a fixed number of threads. Its events are for observers (enableEvents on its API page)
// and off, as in its own benchmarks.
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { FixedThreadPool } from 'poolifier'
import type { Contender } from './contender.js'

const DESTROY_LIMIT_MS = 1_000

export async function startPoolifier(threads: number, enableTasksQueue: boolean): Promise<Contender> {
  const worker = fileURLToPath(new URL('./poolifier-worker.js', import.meta.url))
  const pool = new FixedThreadPool<unknown, any>(threads, worker, { enableEvents: false, enableTasksQueue })
  const close = () => Promise.race([pool.destroy(), sleep(DESTROY_LIMIT_MS)]) // it does not always settle
  return { run: (x) => pool.execute(x, 'echo'), call: (task, x) => pool.execute(x, task), close }
}
