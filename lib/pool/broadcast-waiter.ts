/** What the handle of a broadcast asks: it is in no queue, so it cannot be cancelled. */
import type { Call, TaskHost, Waiter } from '../workers/index.js'

export class BroadcastWaiter implements Waiter {
  readonly #host: TaskHost

  constructor(host: TaskHost) {
    this.#host = host
  }

  now(): number {
    return this.#host.now()
  }
  cancel(): boolean {
    return false
  }
  isQueued(): boolean {
    return false
  }
  block(call: Call, settled: () => boolean, deadlineMs: number): boolean {
    return this.#host.block(call, settled, deadlineMs)
  }
}
