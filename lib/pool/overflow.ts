/** What becomes of a call that finds the queue full. */
import { QueueFullError } from '../errors.js'
import type { Handle } from './handle.js'
import type { Overflow } from './pool-options.js'

/** Compact the list of calls when this many more than the queue holds have gathered in it: settled ones keep their values. */
const SLACK = 64

export class QueueLimit {
  readonly overflow: Overflow
  readonly #pool: string
  readonly #maxQueue: number
  readonly #capacity: () => number
  /** With `drop-oldest`: the calls in order, some of which have started or settled. */
  #order: Handle[] = []
  #first = 0
  #compactAt = SLACK

  /** `capacity`: tasks that run at a time; what is unsettled beyond those waits. */
  constructor(pool: string, maxQueue: number, overflow: Overflow, capacity: () => number) {
    this.overflow = overflow
    this.#pool = pool
    this.#maxQueue = maxQueue
    this.#capacity = capacity
  }

  /** Unsettled calls with which the queue is full. */
  get most(): number {
    return this.#maxQueue + this.#capacity()
  }

  isFull(unsettled: number): boolean {
    return unsettled >= this.most
  }

  error(unsettled: number, what: string): QueueFullError {
    const queued = Math.max(0, unsettled - this.#capacity())
    return new QueueFullError(
      `${what}: the queue of pool "${this.#pool}" is full (maxQueue ${this.#maxQueue}, ${queued} waiting). ` +
        'Wait for pool.drained(), raise maxQueue, or choose another overflow.',
      { capacity: this.#maxQueue, queued },
    )
  }

  /** With `drop-oldest`: notes a call that has been taken. */
  note(handle: Handle): void {
    this.#order.push(handle)
    if (this.#order.length < this.#compactAt) return
    this.#order = this.#order.slice(this.#first).filter((known) => !known.isSettled)
    this.#first = 0
    this.#compactAt = 2 * this.#order.length + SLACK
  }

  /** Drops the oldest call that has not started. False when all have. */
  dropOldest(unsettled: number): boolean {
    while (this.#first < this.#order.length) {
      const oldest = this.#order[this.#first++] as Handle
      if (!oldest.isSettled && oldest.drop(this.error(unsettled, `task "${oldest.name}" was dropped for a newer one`)))
        return true
    }
    return false
  }
}
