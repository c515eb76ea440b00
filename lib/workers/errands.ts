/**
 * Functions that run once in every worker, beside the queues: a broadcast. Each worker gets the request on its own port,
 * where it also waits for one that still boots, runs it in a turn of its event loop, and answers there. Host thread only.
 */
import type { Announcement } from './buffers.js'
import { type Call, ticks } from './calls.js'
import { type Arguments, restored, type Snapshot } from './codec/index.js'

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

/** What a worker has to say of its errands. */
export type WorkerReport = ErrandAnswer | { readonly teardownFailed: Snapshot }

/** What a worker says on its port: first that the library has taken over its thread, then that its main loop runs. */
export type WorkerMessage =
  | { readonly started: 'booted' | 'live' }
  | { readonly announcement: Announcement }
  | WorkerReport

interface Errand {
  readonly request: ErrandRequest
  readonly call: Call
  readonly waiting: Set<number>
  readonly values: Map<number, unknown>
}

export class Errands {
  readonly #open = new Map<number, Errand>()
  readonly #post: (worker: number, request: ErrandRequest) => void
  readonly #onSettled: () => void
  #last = 0

  constructor(post: (worker: number, request: ErrandRequest) => void, onSettled: () => void) {
    this.#post = post
    this.#onSettled = onSettled
  }

  get size(): number {
    return this.#open.size
  }

  /**
   * Runs a call in `workers` and in those that start meanwhile. It succeeds with the results by the workers' numbers, or
   * fails with the first failure: at once, and without a microtask, so that a blocked host hears of it too.
   */
  run(call: Call, workers: readonly number[]): void {
    const errand = ++this.#last
    const request = { errand, task: call.site.definition.id, args: call.args }
    this.#open.set(errand, { request, call, waiting: new Set(workers), values: new Map() })
    for (const worker of workers) this.#post(worker, request)
    this.#finishIfDone(errand)
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
      this.#fail(errand, open.call, restored(outcome))
      return
    }
    open.values.set(worker, restored(outcome))
    open.waiting.delete(worker)
    this.#finishIfDone(errand)
  }

  /**
   * A thread ended. `error`: it may have died of this. Its replacement, which may have the same number, joins afterwards,
   * and then `finish` has to follow.
   */
  left(worker: number, error: Error | undefined): void {
    for (const [errand, open] of this.#open) {
      if (open.waiting.delete(worker) && error !== undefined && !open.call.site.idempotent)
        this.#fail(errand, open.call, error)
    }
  }

  /** Settles what nobody has to answer any more. */
  finish(): void {
    for (const errand of this.#open.keys()) this.#finishIfDone(errand)
  }

  failAll(error: unknown): void {
    for (const [errand, { call }] of this.#open) this.#fail(errand, call, error)
  }

  /** The calls that nobody will answer any more. */
  takeAll(): Call[] {
    const calls = [...this.#open.values()].map(({ call }) => call)
    this.#open.clear()
    return calls
  }

  #fail(errand: number, call: Call, error: unknown): void {
    this.#open.delete(errand)
    this.#note(call)
    call.fail(error)
    this.#onSettled()
  }

  /** It has not waited, only run. */
  #note(call: Call): void {
    call.waitTicks = 0
    call.runTicks = ticks(performance.now() - call.submittedMs)
  }

  #finishIfDone(errand: number): void {
    const open = this.#open.get(errand)
    if (open === undefined || open.waiting.size > 0) return
    this.#open.delete(errand)
    this.#note(open.call)
    open.call.succeed([...open.values].sort(([a], [b]) => a - b).map(([, value]) => value))
    this.#onSettled()
  }
}
