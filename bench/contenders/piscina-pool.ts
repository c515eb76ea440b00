// Piscina, as well as its documentation lets us have it: all threads from the start, the queue that it recommends for
// long queues, and no timing records.
import { FixedQueue, move, Piscina } from 'piscina'
import type { Contender } from './contender.js'

export async function startPiscina(
  threads: number,
  atomics: 'sync' | 'async',
  concurrentTasksPerWorker: number,
): Promise<Contender> {
  const pool = new Piscina<unknown, any>({
    filename: new URL('../tasks/functions.js', import.meta.url).href,
    name: 'echo',
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker,
    taskQueue: new FixedQueue(),
    recordTiming: false,
    atomics,
  })
  const filename = new URL('./piscina-moving.js', import.meta.url).href
  return {
    run: (x) => pool.run(x),
    call: (task, x) => pool.run(x, { name: task }),
    moveThrough: (bytes) => pool.run(move(bytes), { filename, name: 'passOn' }),
    close: () => pool.destroy(),
  }
}
