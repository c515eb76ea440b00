// The tasks that every contender runs, as plain exports.

/** Does nothing: what is left is the dispatch. */
export function echo(x: number): number {
  return x
}

/** The same for values of any kind, so that what the compiler knows of `echo` stays true. */
export function pass(value: unknown): unknown {
  return value
}

/** Computes for about 1 ns per turn. Turns and not time: a thread that has to share its core must take longer. */
export function work(turns: number): number {
  let state = turns | 1
  for (let i = 0; i < turns; i++) state = (Math.imul(state, 1664525) + 1013904223) | 0
  return state
}

/** Works, then says when it ended, in ms of a clock that all threads share. */
export function stamp(turns: number): number {
  work(turns)
  return sharedNow()
}

/** ms since the machine started; `performance.now()` counts from the start of its thread. */
export function sharedNow(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e3 + nanoseconds / 1e6
}

/** The worker dies at it. */
export function exit(code: number): number {
  process.exit(code)
}

let ticks = 0

/** Once: from now on a timer counts, if this worker's event loop lives. */
export function startTicking(everyMs: number): number {
  setInterval(() => ticks++, everyMs)
  return 0
}

export function countTicks(_: number): number {
  return ticks
}

/** By name, for who cannot import by name. */
export const functions = { echo, pass, work, stamp, exit, startTicking, countTicks }
export type TaskName = keyof typeof functions
