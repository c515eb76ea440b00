/**
 * How long a thread polls before it sleeps, by what its last polls have brought (docs/decisions/0014).
 *
 * A poll as long as a wake-up takes costs at most twice what the better of polling and sleeping would (Karlin, Li, Manasse and
 * Owicki, "Empirical studies of competitive spinning", 1991), if the other thread has a core of its own. Where both
 * share one, it can do nothing while this one polls, and each poll is in vain.
 */

/** After so many polls in a row that were in vain, only every sixteenth is made: it finds out when the other has a core again. */
const MOST_MISSES = 2
const PROBE_MASK = 15
/** Long sleeps shorten a poll to no less than this part of the whole. */
const LEAST_PART = 8

export class SpinBudget {
  readonly #mostMs: number
  #ms: number
  #misses = 0

  constructor(mostMs: number) {
    this.#mostMs = mostMs
    this.#ms = mostMs
  }

  /** How long the next poll may take. 0: it is not worth making. */
  next(): number {
    return this.#misses < MOST_MISSES || (this.#misses & PROBE_MASK) === 0 ? this.#ms : 0
  }

  /** A poll has seen what it waited for. */
  paid(): void {
    this.#misses = 0
    this.#ms = this.#mostMs
  }

  /** It came soon, and the poll had not seen it, or was not made. */
  missed(): void {
    this.#misses++
    this.#ms = this.#mostMs
  }

  /** Nothing came for a long time. */
  idled(): void {
    this.#ms = Math.max(this.#mostMs / LEAST_PART, this.#ms / 2)
  }
}
