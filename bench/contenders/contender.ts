// What is compared, behind one interface: `run` is the hot call, everything else may be slow.
import type { TaskName } from '../tasks/functions.js'

export interface Contender {
  /** echo(x), on a worker. */
  readonly run: (x: number) => PromiseLike<number>
  /** Another function of bench/tasks, by its name. */
  readonly call: (task: TaskName, x: any) => PromiseLike<any>
  /** Moves bytes to a worker, which moves them back. */
  readonly moveThrough?: (bytes: Bytes) => PromiseLike<Bytes>
  readonly close: () => Promise<unknown>
}

export type Bytes = Uint8Array<ArrayBuffer>

export type { TaskName }

/** A starter of `threads` threads. Resolves at once: what is cold stays cold. */
export type Start = (threads: number) => Promise<Contender>
