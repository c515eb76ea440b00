// The least that a call can take which gives a promise: a ring of numbers in shared memory, a worker that does nothing but
// poll it, a host that polls the answer. No other function, no other type, no second worker, no errors, no sleep, no
// death, no event loop in the worker: a minimal program, against which a target can be held.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Contender } from './contender.js'

export const ASKED = 0
export const ANSWERED = 32 // words: a line of its own
export const STOPPED = -1
const PLACES = 32_768 // more than are ever in flight
export const MASK = PLACES - 1

/** `numbers` holds arguments, and then the results in their places. */
export interface Memory {
  readonly words: Int32Array
  readonly numbers: Float64Array
}

export async function start(): Promise<Contender> {
  const memory: Memory = {
    words: new Int32Array(new SharedArrayBuffer(256)),
    numbers: new Float64Array(new SharedArrayBuffer(8 * PLACES)),
  }
  const { words, numbers } = memory
  const worker = new Worker(new URL('./by-hand-worker.js', import.meta.url), { workerData: memory })
  await once(worker, 'message')

  const waiting: ((value: number) => void)[] = []
  let asked = 0
  let answered = 0
  const settle = (): void => {
    while (answered !== asked) {
      const upTo = Atomics.load(words, ANSWERED)
      for (; answered !== upTo; answered++) waiting[answered & MASK]!(numbers[answered & MASK]!)
    }
  }
  const run = (x: number): Promise<number> => {
    if (asked === answered) queueMicrotask(settle)
    numbers[asked & MASK] = x
    const promise = new Promise<number>((resolve) => {
      waiting[asked & MASK] = resolve
    })
    Atomics.store(words, ASKED, ++asked)
    return promise
  }
  const close = async (): Promise<void> => {
    const exit = once(worker, 'exit')
    Atomics.store(words, ASKED, STOPPED)
    await exit
  }
  return { run, call: () => Promise.reject(new Error('by hand there is echo alone')), close }
}
