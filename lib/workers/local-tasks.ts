/**
 * Runs task functions on a thread that is no worker, as a worker would: outside of the caller's context, with copied
 * arguments; a task settles after its children, and has the failure of one that nobody has observed.
 */
import { type Arguments, argumentsOf } from './codec/index.js'
import type { Definition } from './definition.js'
import { Family, type Submitter } from './family.js'
import { explainInline, Functions, type WorkerTask } from './functions.js'
import { AsyncLocalStorage, inNoContext, type Turns } from './platform-node.js'
import { runtime } from './registry.js'

/** The task that runs, through whatever it awaits. */
interface Running {
  readonly submitter: Submitter
  readonly family: Family
}
const scope = new AsyncLocalStorage<Running>()

/** What a task has become. */
export type Settle = (failed: boolean, value: unknown) => void

export class LocalTasks {
  readonly #submitter: Submitter
  readonly #turns: Turns
  readonly #functions: Functions

  /** `submitter` takes the children of the tasks. */
  constructor(submitter: Submitter, turns: Turns, loadTimeoutMs: number) {
    this.#submitter = submitter
    this.#turns = turns
    this.#functions = new Functions(loadTimeoutMs)
    runtime().local ??= () => scope.getStore()?.submitter
  }

  /** True while a task of this submitter runs, and in what it has left behind. */
  get isInTask(): boolean {
    return scope.getStore()?.submitter === this.#submitter
  }

  /** The task that makes a call right now, unless it has settled. */
  get family(): Family | undefined {
    const running = scope.getStore()
    return running?.submitter !== this.#submitter || running.family.isClosed ? undefined : running.family
  }

  /** Calls a function, and `settle` once it and its children have settled: before this returns, where that can be. */
  call(definition: Definition, args: Arguments, settle: Settle): void {
    const task = this.#taskOf(definition)
    if (task.fn === undefined) {
      const loaded = inNoContext(() => this.#functions.load(task))
      // An inline function is compiled by now, unless it cannot be.
      if (task.fn === undefined) {
        loaded.then(
          () => this.#enter(task, args, settle),
          (error: unknown) => settle(true, error),
        )
        return
      }
    }
    this.#enter(task, args, settle)
  }

  #enter(task: WorkerTask, args: Arguments, settle: Settle): void {
    const family = new Family()
    const fn = task.fn as (...all: unknown[]) => unknown
    const body = (): unknown => fn(...argumentsOf(args)) // without a this, as elsewhere
    const end: Settle = (failed, value) => {
      family.isClosed = true
      const child = failed ? undefined : family.uncaught
      if (child !== undefined) settle(true, child.failure)
      else settle(failed, failed ? explainInline(value, task) : value)
    }
    const finish: Settle = (failed, value) => {
      if (family.unsettled === 0 && !family.hasCallbacks) {
        end(failed, value)
        return
      }
      // One more turn: a callback of the last child may be about to make another call.
      family.hasCallbacks = false
      family.whenSettled(() => this.#turns.next(() => finish(failed, value)))
    }
    inNoContext(() => {
      let value: unknown
      try {
        value = scope.run({ submitter: this.#submitter, family }, body)
      } catch (error) {
        family.whenSettled(() => end(true, error))
        return
      }
      if (!isThenable(value)) family.whenSettled(() => end(false, value))
      else {
        Promise.resolve(value).then(
          (result) => finish(false, result),
          (error: unknown) => finish(true, error),
        )
      }
    })
  }

  /** Module functions are here already; inline ones are compiled from their text, so that they see what they would see elsewhere. */
  #taskOf(definition: Definition): WorkerTask {
    const { id, name, origin, fn } = definition
    if (this.#functions.get(id) === undefined) {
      this.#functions.add([{ id, name, origin }])
      const added = this.#functions.get(id) as WorkerTask
      if (origin.kind === 'module') added.fn = fn as WorkerTask['fn']
    }
    return this.#functions.get(id) as WorkerTask
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function'
}
