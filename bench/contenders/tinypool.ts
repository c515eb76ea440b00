// Tinypool: all threads from the start, and several tasks per worker, which is no slower for single calls and up to twice
// as fast for many. Its atomics are on by default.
import { Tinypool } from 'tinypool'
import type { Contender } from './contender.js'

const TASKS_PER_WORKER = 16

export async function start(threads: number): Promise<Contender> {
  const pool = new Tinypool({
    filename: new URL('../tasks/functions.js', import.meta.url).href,
    name: 'echo',
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: TASKS_PER_WORKER,
  })
  const filename = new URL('./tinypool-moving.js', import.meta.url).href
  return {
    run: (x) => pool.run(x) as Promise<number>,
    call: (task, x) => pool.run(x, { name: task }),
    moveThrough: (bytes) => pool.run(Tinypool.move(bytes), { filename, name: 'passOn' }),
    close: () => pool.destroy(),
  }
}
