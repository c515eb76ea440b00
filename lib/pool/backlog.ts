/** How much a pool has to do: when it is too much, who waits until it is less, and who waits until it is nothing. */

/** Without `maxQueue`: the calls that lie in shared memory at a time; more wait in the host's heap. */
export const SHARED_CALLS = 8_192

interface Waiter {
  readonly resolve: () => void
}

export class Backlog {
  /** True from the moment that the mark is reached until half of it is left. */
  needsDrain = false
  readonly #mark: () => number
  readonly #onNeedsDrain: () => void
  readonly #onEmpty: () => void
  readonly #drained = new Set<Waiter>()
  readonly #empty = new Set<() => void>()
  #wasEmpty = true

  /** `mark()` calls that are not settled are too many. */
  constructor(mark: () => number, onNeedsDrain: () => void, onEmpty: () => void) {
    this.#mark = mark
    this.#onNeedsDrain = onNeedsDrain
    this.#onEmpty = onEmpty
  }

  submitted(): void {
    this.#wasEmpty = false
  }

  /** Looks whether this is too much now. Called where that may be, not with each call. */
  grown(unsettled: number): void {
    if (this.needsDrain || unsettled < this.#mark()) return
    this.needsDrain = true
    this.#onNeedsDrain()
  }

  settled(unsettled: number): void {
    if (this.needsDrain && unsettled <= this.#mark() / 2) {
      this.needsDrain = false
      for (const { resolve } of this.#drained) resolve()
      this.#drained.clear()
    }
    if (unsettled > 0 || this.#wasEmpty) return
    this.#wasEmpty = true
    this.#onEmpty()
    for (const resolve of this.#empty) resolve()
    this.#empty.clear()
  }

  /** Resolves when `needsDrain` is false; rejects with the signal's reason. */
  async drained(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    if (!this.needsDrain) return
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        resolve: () => {
          signal?.removeEventListener('abort', abort)
          resolve()
        },
      }
      const abort = (): void => {
        this.#drained.delete(waiter)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', abort, { once: true })
      this.#drained.add(waiter)
    })
  }

  /** True once nothing is unsettled, false when that takes longer than `timeoutMs`. */
  async empty(timeoutMs: number): Promise<boolean> {
    if (this.#wasEmpty) return true
    let timer: ReturnType<typeof setTimeout> | undefined
    let done = (): void => {}
    const emptied = new Promise<boolean>((resolve) => {
      done = () => resolve(true)
      this.#empty.add(done)
    })
    const late = new Promise<boolean>((resolve) => {
      if (timeoutMs !== Number.POSITIVE_INFINITY) timer = setTimeout(() => resolve(false), timeoutMs)
    })
    try {
      return await Promise.race([emptied, late])
    } finally {
      clearTimeout(timer)
      this.#empty.delete(done)
    }
  }
}
