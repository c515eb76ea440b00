// What the cores themselves allow: work that is divided beforehand among Workers which never ask for the next task. No
// pool, no queue, no call: what a second worker can bring at most.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

const LINE = 32 // words

export interface Share {
  readonly words: Int32Array
  readonly index: number
}

/** Starts `threads` of them. `compute` runs `tasks` tasks of `turns` on all, divided evenly, and blocks until they are done. */
export async function startDivided(threads: number): Promise<{
  compute: (tasks: number, turns: number) => void
  close: () => Promise<unknown>
}> {
  const words = new Int32Array(new SharedArrayBuffer(4 * LINE * 2 * threads))
  const workers = Array.from({ length: threads }, (_, index) => {
    return new Worker(new URL('./divided-worker.js', import.meta.url), { workerData: { words, index } satisfies Share })
  })
  await Promise.all(workers.map((worker) => once(worker, 'online')))
  let round = 0
  const tell = (value: number): void => {
    for (let index = 0; index < threads; index++) {
      Atomics.store(words, 2 * index * LINE, value)
      Atomics.notify(words, 2 * index * LINE)
    }
  }
  const compute = (tasks: number, turns: number): void => {
    for (let index = 0; index < threads; index++) {
      words[2 * index * LINE + 1] = tasks / threads
      words[2 * index * LINE + 2] = turns
    }
    tell(++round)
    for (let index = 0; index < threads; index++) {
      const done = (2 * index + 1) * LINE
      while (Atomics.load(words, done) !== round) Atomics.wait(words, done, round - 1)
    }
  }
  const close = async (): Promise<unknown> => {
    const exits = workers.map((worker) => once(worker, 'exit'))
    tell(-1)
    return Promise.all(exits)
  }
  return { compute, close }
}
