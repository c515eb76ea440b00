/**
 * Threads that have slept for the idle timeout leave, as long as more than the least number is left. A timer looks, while
 * there may be any; it keeps no process alive. Host thread only.
 */
import { load } from '#atomics'
import { bitOf, COMPLETED, PARKS, SLEEPING, type TeamMemory } from '../scheduler/index.js'
import { clock, type Turns } from './platform-node.js'
import type { Threads } from './threads.js'

/** Least time between two looks. */
const LEAST_LOOK_MS = 10

interface Idleness {
  /** Tasks and parks so far: it changes with everything that a worker does. */
  readonly activity: number
  readonly sinceMs: number
}

export class IdleThreads {
  readonly #memory: TeamMemory
  readonly #threads: Threads
  readonly #turns: Turns
  readonly #timeoutMs: number
  readonly #known = new Map<number, Idleness>()
  #lookIsDue = false

  constructor(memory: TeamMemory, threads: Threads, turns: Turns, timeoutMs: number) {
    this.#memory = memory
    this.#threads = threads
    this.#turns = turns
    this.#timeoutMs = timeoutMs
  }

  /** Looks from now on, until there are no more threads than the least number. */
  watch(): void {
    if (this.#lookIsDue || this.#timeoutMs === Number.POSITIVE_INFINITY || this.#threads.surplus <= 0) return
    this.#lookIsDue = true
    const look = (): void => {
      this.#lookIsDue = false
      this.#look()
      this.watch()
    }
    this.#turns.later(look, Math.max(LEAST_LOOK_MS, this.#timeoutMs / 2))
  }

  /** A thread has ended: the next one with its number starts with a clean record. */
  forget(worker: number): void {
    this.#known.delete(worker)
  }

  #look(): void {
    const { words } = this.#memory
    const now = clock.now()
    const sleeping = load(words, SLEEPING) // observe: who is parked and has nothing in flight
    for (const worker of this.#threads.indices()) {
      const at = this.#memory.counters(worker)
      const activity = load(words, at + COMPLETED) + load(words, at + PARKS) // observe: brought up to date when it parks
      const known = this.#known.get(worker)
      const sinceMs = known?.activity === activity ? known.sinceMs : now
      this.#known.set(worker, { activity, sinceMs })
      if ((sleeping & bitOf(worker)) === 0 || now - sinceMs < this.#timeoutMs) continue
      if (this.#threads.surplus > 0) this.#threads.retire(worker)
    }
  }
}
