// poolifier with a fixed number of threads. Its events are for observers (enableEvents on its API page)
// and off, as in its own benchmarks.
import { fileURLToPath } from 'node:url'
import { FixedThreadPool } from 'poolifier'
import type { Contender } from './contender.js'

export async function startPoolifier(threads: number, enableTasksQueue: boolean): Promise<Contender> {
  const worker = fileURLToPath(new URL('./poolifier-worker.js', import.meta.url))
  const pool = new FixedThreadPool<unknown, any>(threads, worker, { enableEvents: false, enableTasksQueue })
  return { run: (x) => pool.execute(x, 'echo'), call: (task, x) => pool.execute(x, task), close: () => pool.destroy() }
}
