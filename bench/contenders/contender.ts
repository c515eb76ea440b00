// What is compared, behind one interface: `run` is the hot call, everything else may be slow.

export interface Contender {
  /** echo(x), on a worker. */
  readonly run: (x: number) => PromiseLike<number>
  /** Another function of bench/tasks, by its name. */
  readonly call: (task: TaskName, x: number) => PromiseLike<number>
  readonly close: () => Promise<unknown>
}

export type TaskName = 'echo' | 'work' | 'startTicking' | 'countTicks'

/** A starter of `threads` threads. Resolves at once: what is cold stays cold. */
export type Start = (threads: number) => Promise<Contender>
