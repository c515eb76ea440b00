// workerpool with a dedicated worker script, all threads from the start (`minWorkers: 'max'`), as its README has it for
// functions that are known beforehand. `workerType: 'thread'`: processes are slower.
import { fileURLToPath } from 'node:url'
import workerpool from 'workerpool'
import type { Contender } from './contender.js'

export async function start(threads: number): Promise<Contender> {
  const pool = workerpool.pool(fileURLToPath(new URL('./workerpool-worker.js', import.meta.url)), {
    workerType: 'thread',
    minWorkers: 'max',
    maxWorkers: threads,
  })
  const call = (task: string, x: unknown) => pool.exec(task, [x]) as unknown as Promise<any>
  return { run: (x) => call('echo', x), call, close: async () => pool.terminate(true) }
}
