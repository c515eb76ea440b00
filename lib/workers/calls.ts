/** What the host's dispatcher needs to know of a call; the pool's task handle is one. */
import type { Arguments } from './codec/index.js'
import type { Definition } from './definition.js'

/** Values of `Call.slot` while a call is in no slot. */
export const NOT_PLACED = -1
export const WITHDRAWN = -2

/** What all calls of one function with the same options have in common. */
export interface CallSite {
  readonly definition: Definition
  readonly band: number
  readonly idempotent: boolean
}

export interface Call {
  /** Grows with each call of this thread. */
  readonly id: number
  readonly site: CallSite
  /** While it is in no slot: what lies in one is there, and nowhere else. */
  args: Arguments
  /** Slot id, NOT_PLACED or WITHDRAWN. */
  slot: number
  attempt: number
  /** Worker that ran it, or 0. */
  executor: number
  /** On the host's `performance.now()`. */
  submittedMs: number
  /** From submission to start, and from start to end, in ticks of 10 ns: integers need no box. -1: not known yet. */
  waitTicks: number
  runTicks: number
  /** Exactly one of these is called, once. They record and settle; user code runs later. */
  succeed(value: unknown): void
  fail(error: unknown): void
  lose(error: Error): void
}

/** 10 ns: short durations stay exact, and up to 21 s they are small integers. */
export const TICKS_PER_MS = 100_000

export function ticks(ms: number): number {
  return ms > 0 ? Math.round(ms * TICKS_PER_MS) : 0
}

/** What a handle asks of whoever took its call: the host of a pool, or a worker for its children. */
export interface Waiter {
  /** Milliseconds on the clock of `Call.submittedMs`: the host's, in workers too. */
  now(): number
  /** True if the call had not started: it will not run. */
  cancel(call: Call): boolean
  isQueued(call: Call): boolean
  /** Blocks this thread until `settled()` or `deadlineMs` on its `performance.now()`. True when settled. */
  block(call: Call, settled: () => boolean, deadlineMs: number): boolean
}

/** First in, first out, without shifting: the calls of one band that wait outside of shared memory. */
export class CallQueue {
  #calls: (Call | undefined)[] = []
  #head = 0

  get length(): number {
    return this.#calls.length - this.#head
  }

  push(call: Call): void {
    this.#calls.push(call)
  }

  /** Puts calls before all others. */
  prepend(calls: readonly Call[]): void {
    this.#calls = [...calls, ...this.#calls.slice(this.#head)]
    this.#head = 0
  }

  peek(): Call | undefined {
    return this.#calls[this.#head]
  }

  shift(): Call | undefined {
    const call = this.#calls[this.#head]
    if (call === undefined) return undefined
    this.#calls[this.#head++] = undefined
    if (this.#head === this.#calls.length) {
      this.#calls = []
      this.#head = 0
    } else if (this.#head > 16_384 && this.#head * 2 > this.#calls.length) {
      this.#calls = this.#calls.slice(this.#head)
      this.#head = 0
    }
    return call
  }
}
