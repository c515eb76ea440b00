/**
 * Functions that run once in every worker, beside the queues: a broadcast. Each worker gets the request on its own port,
 * where it also waits for one that still boots, runs it in a turn of its event loop, and answers there. Host thread only.
 */
import { type Arguments, restored, reviveFailure, type Snapshot } from './codec/index.js'

export interface ErrandRequest {
  readonly errand: number
  readonly task: number
  readonly args: Arguments
}

export interface ErrandAnswer {
  readonly errand: number
  readonly failed: boolean
  readonly outcome: Snapshot
}

/** What a worker says on its port. */
export type WorkerMessage = ErrandAnswer | { readonly teardownFailed: Snapshot }

interface Errand {
  readonly request: ErrandRequest
  /** A worker that dies costs the errand, unless it may run again. */
  readonly idempotent: boolean
  readonly waiting: Set<number>
  readonly values: Map<number, unknown>
  readonly resolve: (values: unknown[]) => void
  readonly reject: (error: unknown) => void
}

export class Errands {
  readonly #open = new Map<number, Errand>()
  readonly #post: (worker: number, request: ErrandRequest) => void
  #last = 0

  constructor(post: (worker: number, request: ErrandRequest) => void) {
    this.#post = post
  }

  get size(): number {
    return this.#open.size
  }

  /** The results of function `task` in `workers` and in those that start meanwhile, by the workers' numbers. */
  run(task: number, args: Arguments, idempotent: boolean, workers: readonly number[]): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      const errand = ++this.#last
      const request = { errand, task, args }
      this.#open.set(errand, { request, idempotent, waiting: new Set(workers), values: new Map(), resolve, reject })
      for (const worker of workers) this.#post(worker, request)
      this.#finishIfDone(errand)
    })
  }

  /** A thread was created. */
  joined(worker: number): void {
    for (const { request, waiting } of this.#open.values()) {
      waiting.add(worker)
      this.#post(worker, request)
    }
  }

  answered(worker: number, { errand, failed, outcome }: ErrandAnswer): void {
    const open = this.#open.get(errand)
    if (open === undefined) return // another worker's failure has settled it
    if (failed) {
      this.#open.delete(errand)
      open.reject(reviveFailure(restored(outcome)))
      return
    }
    open.values.set(worker, restored(outcome))
    open.waiting.delete(worker)
    this.#finishIfDone(errand)
  }

  /** A thread ended. Call it after `joined` of its replacement. `error`: it may have died of this. */
  left(worker: number, error: Error | undefined): void {
    for (const [errand, open] of this.#open) {
      if (!open.waiting.delete(worker)) continue
      if (error === undefined || open.idempotent) this.#finishIfDone(errand)
      else {
        this.#open.delete(errand)
        open.reject(error)
      }
    }
  }

  failAll(error: unknown): void {
    for (const { reject } of this.#open.values()) reject(error)
    this.#open.clear()
  }

  #finishIfDone(errand: number): void {
    const open = this.#open.get(errand)
    if (open === undefined || open.waiting.size > 0) return
    this.#open.delete(errand)
    open.resolve([...open.values].sort(([a], [b]) => a - b).map(([, value]) => value))
  }
}
