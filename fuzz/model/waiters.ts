/** Who waits on which word, in order of arrival, and whose waitAsync has ended and was not heard of yet. */
import { mix, mixOther } from './hashing.js'
import type { SettlingPromise } from './runtime.js'
import { BLOCKED, Failure, type Thread, WOKEN } from './thread.js'

interface Waiter {
  readonly address: number
  readonly thread: Thread
  /** Of a waitAsync. */
  readonly promise: SettlingPromise | undefined
  readonly isLimited: boolean
}

export class Waiters {
  #waiting: Waiter[] = []
  #resolved: Waiter[] = []

  reset(): void {
    this.#waiting = []
    this.#resolved = []
  }

  /** Neither waits any more nor hears of anything. */
  forget(thread: Thread): void {
    this.#waiting = this.#waiting.filter((waiter) => waiter.thread !== thread)
    this.#resolved = this.#resolved.filter((waiter) => waiter.thread !== thread)
  }

  /** `waiter.promise` is that of a waitAsync; without one the thread is blocked from here on. */
  sleep(waiter: Waiter): void {
    for (const other of this.#waiting) {
      if (other.address === waiter.address && (other.promise === undefined) !== (waiter.promise === undefined))
        throw new Failure('a word has sync and async waiters: notify may wake the wrong one')
    }
    if (waiter.promise === undefined) waiter.thread.status = BLOCKED
    this.#waiting.push(waiter)
  }

  /** Wakes the first `count` on a word. Returns how many there were. */
  notify(address: number, count: number): number {
    let woken = 0
    const rest: Waiter[] = []
    for (const waiter of this.#waiting) {
      if (waiter.address !== address || woken === count) rest.push(waiter)
      else {
        woken++
        this.#wake(waiter, 'ok')
      }
    }
    this.#waiting = rest
    return woken
  }

  canTimeOut(thread: Thread): boolean {
    return this.#waiting.some((waiter) => waiter.isLimited && waiter.thread === thread)
  }

  timeOut(thread: Thread): void {
    const waiter = this.#waiting.find((one) => one.isLimited && one.thread === thread) as Waiter
    this.#waiting = this.#waiting.filter((one) => one !== waiter)
    this.#wake(waiter, 'timed-out')
  }

  /** Ends the wait of a blocked thread with the news of another's death. */
  interrupt(thread: Thread): void {
    end(thread, 'death')
    this.#waiting = this.#waiting.filter((waiter) => waiter.thread !== thread || waiter.promise)
  }

  hasNews(thread: Thread): boolean {
    return this.#resolved.some((waiter) => waiter.thread === thread)
  }

  /** What a thread hears of next; undefined when there is nothing. */
  takeNews(thread: Thread): SettlingPromise | undefined {
    const first = this.#resolved.find((waiter) => waiter.thread === thread)
    if (first !== undefined) this.#resolved = this.#resolved.filter((waiter) => waiter !== first)
    return first?.promise
  }

  /** A thread that has waited for this promise alone has heard of it. */
  takeNewsOf(promise: SettlingPromise): void {
    this.#resolved = this.#resolved.filter((waiter) => waiter.promise !== promise)
  }

  /** Adds to both hashes. Those on one word wake in order; the order of words means nothing. */
  hash(into: Int32Array): void {
    let low = into[0] as number
    let high = into[1] as number
    for (let i = 0; i < this.#waiting.length; i++) {
      const { address, thread, promise } = this.#waiting[i] as Waiter
      let place = 0
      for (let j = 0; j < i; j++) if ((this.#waiting[j] as Waiter).address === address) place++
      const waiter = (address << 8) | (place << 5) | (thread.number << 1) | (promise === undefined ? 0 : 1)
      low += mix(0x1234567, waiter)
      high += mixOther(0x1234567, waiter)
    }
    for (const { address, thread, promise } of this.#resolved) {
      const waiter = (address << 8) | (thread.number << 1) | (promise?.outcome === 'ok' ? 0 : 1)
      low += mix(0x7654321, waiter)
      high += mixOther(0x7654321, waiter)
    }
    into[0] = low
    into[1] = high
  }

  #wake(waiter: Waiter, outcome: string): void {
    if (waiter.promise === undefined) end(waiter.thread, outcome)
    else {
      waiter.promise.outcome = outcome
      this.#resolved.push(waiter)
    }
  }
}

function end(thread: Thread, outcome: string): void {
  thread.status = WOKEN
  thread.outcome = outcome
}
