/**
 * Moved arguments on the side of who runs the task: they stay with the submitter until this thread, which has claimed the task,
 * asks for them. Until they have come the task has not begun. Worker thread only.
 */
import type { Buffers } from './buffers.js'

export class AwaitedMoves {
  readonly #resolve = new Map<number, () => void>()
  readonly #ask: (slotId: number) => void

  /** `ask` has the host send the moved values of a slot. */
  constructor(buffers: Buffers, ask: (slotId: number) => void) {
    this.#ask = ask
    buffers.onMoved = (payload) => {
      this.#resolve.get(payload)?.()
      this.#resolve.delete(payload)
    }
  }

  /** Resolves when the values of `payload`, the arguments in a slot, are here. */
  arrival(payload: number, slotId: number): Promise<void> {
    this.#ask(slotId)
    return new Promise((resolve) => this.#resolve.set(payload, resolve))
  }
}
