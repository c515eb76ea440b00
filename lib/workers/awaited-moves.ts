/**
 * Moved arguments on the side of who runs the task: they stay with the submitter until this thread, which has claimed the task,
 * asks for them. Until they have come the task has not begun. Worker thread only.
 */
import type { Asker } from '../scheduler/index.js'
import type { Buffers } from './buffers.js'
import { clock } from './platform-node.js'
import { SpinBudget } from './spin-budget.js'

/** Looks at the answer per reading of the clock. */
const LOOKS_PER_CLOCK = 8

export class AwaitedMoves {
  readonly #asker: Asker
  readonly #budget: SpinBudget
  readonly #buffers: Buffers
  #resolve: (() => void) | undefined
  /** Settles with the last of those that wait for an answer, or for their turn to ask. */
  #last: Promise<void> | undefined

  constructor(asker: Asker, buffers: Buffers, spinMs: number) {
    this.#asker = asker
    this.#buffers = buffers
    this.#budget = new SpinBudget(spinMs)
    buffers.onMoved = () => this.#resolve?.()
  }

  /** Has the moved values of a slot sent. Undefined when they are here already; else they are when it resolves. */
  request(id: number): Promise<void> | undefined {
    if (this.#last === undefined) {
      this.#asker.ask(id)
      if (this.#poll()) {
        this.#buffers.refresh()
        return undefined
      }
    }
    const arrival = this.#last === undefined ? this.#arrival() : this.#last.then(() => this.#askLater(id))
    this.#last = arrival
    void arrival.then(() => {
      if (this.#last === arrival) this.#last = undefined
    })
    return arrival
  }

  #askLater(id: number): Promise<void> {
    this.#asker.ask(id)
    return this.#arrival()
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** True when the answer has come within the budget. */
  #poll(): boolean {
    const spinMs = this.#budget.next()
    if (spinMs > 0) {
      const end = clock.now() + spinMs
      for (let looks = 1; ; looks++) {
        if (this.#asker.isAnswered()) {
          this.#budget.paid()
          return true
        }
        if (looks % LOOKS_PER_CLOCK === 0 && clock.now() >= end) break
      }
    }
    this.#budget.missed()
    return false
  }
}
