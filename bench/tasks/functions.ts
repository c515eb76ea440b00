// The tasks that every contender runs, as plain exports.

/** Does nothing: what is left is the dispatch. */
export function echo(x: number): number {
  return x
}

/** Computes for about 1 ns per turn. Turns and not time: a thread that has to share its core must take longer. */
export function work(turns: number): number {
  let state = turns | 1
  for (let i = 0; i < turns; i++) state = (Math.imul(state, 1664525) + 1013904223) | 0
  return state
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
