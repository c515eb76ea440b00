/**
 * Cycles: a state that comes again on the way that led to it. Nothing was completed in between, for what has run and what was
 * settled is part of the state. When every thread that could have gone on has gone on, no scheduler will ever end it.
 *
 * A cycle is judged when the search closes it. One that is fair only as the sum of two that are not is not looked for.
 */
export class Trail {
  /** By depth: the hashes of the state, and the threads that could go on. */
  readonly #states: Int32Array
  readonly #enabled: Int32Array

  constructor(depths: number) {
    this.#states = new Int32Array(depths * 2)
    this.#enabled = new Int32Array(depths)
  }

  /** `enabled` has a bit for each thread that can go on. */
  note(depth: number, low: number, high: number, enabled: number): void {
    this.#states[depth * 2] = low
    this.#states[depth * 2 + 1] = high
    this.#enabled[depth] = enabled
  }

  /** Whether the way to `depth`, whose choices are those of `moverAt`, ends where it was before, by a fair cycle. */
  isLivelock(depth: number, moverAt: (depth: number) => number): boolean {
    let moved = 0
    let waiting = -1
    for (let at = depth - 1; at >= 0; at--) {
      moved |= 1 << moverAt(at)
      waiting &= this.#enabled[at] as number
      if (this.#states[at * 2] !== this.#states[depth * 2]) continue
      if (this.#states[at * 2 + 1] === this.#states[depth * 2 + 1]) return (waiting & ~moved) === 0
    }
    return false
  }
}
