/**
 * The children that one running task has spawned, counted in the heap of the thread that runs it: a task settles after
 * its children, and a failure of theirs that nobody has observed by then is its own.
 *
 * Which task spawns: the one on this thread's stack, or, in a continuation of an async task, the one whose context it is.
 * Only async functions pay for a context; see docs/decisions/0007-parents-and-children.md.
 */
import type { Call, Waiter } from './calls.js'
import { AsyncLocalStorage } from './platform-node.js'

/** A call that a task has made. */
export interface Child extends Call {
  /** Of the task that made the call; undefined for what runs outside of all tasks, as a timer that one has left behind. */
  readonly family: Family | undefined
  /** Somebody has the failure, or has asked to be told of it. */
  readonly isObserved: boolean
  /** Why it failed, once it has. */
  readonly failure: unknown
}

/** A worker, for its children. */
export interface Submitter extends Waiter {
  /** The task that makes a call right now, or undefined outside of all tasks. */
  readonly family: Family | undefined
  submit(call: Child): void
}

export class Family {
  /** Children that have not settled. */
  unsettled = 0
  /** Callbacks were given to children, by more than an `await`: they may come after the parent has returned, and spawn. */
  hasCallbacks = false
  /** The parent has settled: what its leftovers spawn has no parent. */
  isClosed = false
  #failed: Child[] | undefined
  #whenSettled: (() => void) | undefined

  /** All children have settled, and none failed unobserved at the time. */
  get isQuiet(): boolean {
    return this.unsettled === 0 && this.#failed === undefined
  }

  settled(): void {
    if (--this.unsettled > 0) return
    const resume = this.#whenSettled
    this.#whenSettled = undefined
    resume?.()
  }

  failed(child: Child): void {
    if (!child.isObserved) {
      if (this.#failed === undefined) this.#failed = [child]
      else this.#failed.push(child)
    }
    this.settled()
  }

  /** Calls `resume` once no child is unsettled: within the call that settles the last one. */
  whenSettled(resume: () => void): void {
    if (this.unsettled === 0) resume()
    else this.#whenSettled = resume
  }

  /** Of the failed children the first that nobody has observed. */
  get uncaught(): Child | undefined {
    return this.#failed?.find(({ isObserved }) => !isObserved)
  }
}

/** The async tasks of this thread. */
export class Contexts {
  /**
   * Whether async tasks get a context. Without one they are strays. A worker that runs one task at a time has at most one
   * until it spawns a child: so until then, and for workers that never do, nobody pays for contexts.
   */
  isOn: boolean
  readonly #storage = new AsyncLocalStorage<Family | undefined>()
  /** Async tasks that were started without a context: they were not known to be async, or contexts were off. */
  readonly #strays = new Set<Family>()

  constructor(isOn: boolean) {
    this.isOn = isOn
  }

  /** Runs `body` so that it and its continuations belong to `family`. */
  run<T>(family: Family, body: () => T): T {
    return this.#storage.run(family, body)
  }

  /** Runs `body` so that it belongs to no task. */
  outside<T>(body: () => T): T {
    return this.#storage.getStore() === undefined ? body() : this.#storage.run(undefined, body)
  }

  /** The task whose continuation runs; a stray is recognised as long as it is the only one. */
  get current(): Family | undefined {
    const family = this.#storage.getStore() ?? this.#onlyStray
    return family?.isClosed ? undefined : family
  }

  addStray(family: Family): void {
    this.#strays.add(family)
  }

  removeStray(family: Family): void {
    this.#strays.delete(family)
  }

  get #onlyStray(): Family | undefined {
    if (this.#strays.size !== 1) return undefined
    return this.#strays.values().next().value
  }
}

/** True for what is declared `async`; others are known by what they return. */
export function isAsyncFunction(fn: unknown): boolean {
  return (fn as { constructor?: unknown } | undefined)?.constructor === AsyncFunction
}
const { constructor: AsyncFunction } = Object.getPrototypeOf(async () => {}) as { constructor: unknown }
