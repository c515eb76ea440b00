import { parentPort, Worker, workerData } from 'node:worker_threads'
import { load, store, wait } from '#atomics'

interface Part {
  /** Name of a function in the roles that the file plays. */
  readonly role: string
  readonly data: unknown
}

/**
 * Plays each part in a thread of its own, started from `file`, and `own` in this one. All begin at the same moment: a
 * gate opens when every thread stands before it. Resolves to what the parts returned, in order.
 */
export async function together<O, T = Int32Array>(
  file: string,
  parts: readonly Part[],
  own: () => O | Promise<O>,
): Promise<{ readonly own: O; readonly others: T[] }> {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const crew = parts.map((part) => new Worker(new URL(file), { workerData: { ...part, gate } }))
  const ready = crew.map((worker) => new Promise<void>((resolve) => worker.once('message', () => resolve())))
  const failed = crew.map((worker) => new Promise<never>((_, reject) => worker.once('error', reject)))
  try {
    await Promise.race([Promise.all(ready), ...failed])
    const others = crew.map((worker) => new Promise<T>((resolve) => worker.once('message', resolve)))
    store(gate, 0, 1)
    const result = await Promise.race([own(), ...failed])
    return { own: result, others: await Promise.race([Promise.all(others), ...failed]) }
  } finally {
    await Promise.all(crew.map((worker) => worker.terminate()))
  }
}

/** The other side: called in a thread that `together` started. */
export async function play(roles: { readonly [role: string]: (data: never) => unknown }): Promise<void> {
  const { role, data, gate } = workerData as Part & { readonly gate: Int32Array }
  const alive = setInterval(() => {}, 60_000) // waitAsync keeps no thread alive
  parentPort?.postMessage('ready')
  while (load(gate, 0) === 0); // spins: threads that are woken do not start together
  const act = roles[role] as (data: unknown) => unknown
  parentPort?.postMessage(await act(data))
  clearInterval(alive)
}

const SPINS = 4096
const nobody = new Int32Array(new SharedArrayBuffer(4))
let spins = 0

/** For loops that found nothing to do: now and then they let others have the core, for there may be fewer than threads. */
export function relax(): void {
  if (++spins % SPINS === 0) wait(nobody, 0, 0, 0.05)
}

const RUN_MS = 1500

/**
 * Bounds a race: goes on for `count` rounds, or as long as a slow or busy machine takes for fewer. What is checked holds
 * for any number of rounds.
 */
export class Rounds {
  readonly #count: number
  readonly #end = performance.now() + RUN_MS
  #late = false
  #calls = 0

  constructor(count: number) {
    this.#count = count
  }

  isOver(round: number): boolean {
    if (this.#calls++ % 64 === 0 && performance.now() > this.#end) this.#late = true
    return this.#late || round >= this.#count
  }
}

/** Throws unless `taken` holds each of 0 … count - 1 once. */
export function assertEachOnce(count: number, taken: readonly Int32Array[]): void {
  const times = new Uint8Array(count)
  for (const part of taken) {
    for (const item of part) {
      if (!(item >= 0 && item < count)) throw new Error(`${item} was taken and never given`)
      times[item] = (times[item] as number) + 1
    }
  }
  const wrong = times.findIndex((n) => n !== 1)
  if (wrong >= 0) throw new Error(`item ${wrong} of ${count} was taken ${times[wrong]} times`)
}
