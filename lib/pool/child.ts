/** The handle of a call that a task makes, and how it is made. */
import { TaskLoadError } from '../errors.js'
import { type Arguments, type Child, type Family, runtime, type Submitter, takeArguments } from '../workers/index.js'
import { Handle, type TaskHandle } from './handle.js'
import { UNBOUND } from './options.js'
import type { Site } from './site.js'
import { type BoundTask, siteOf } from './task.js'

const thread = runtime()
const NONE: Arguments = []
const { then } = Promise.prototype
const ignore = (): void => {}

/**
 * A handle that tells its family when it settles, and knows whether somebody has observed its failure: then that is not
 * the parent's. Whoever waits for a promise reads its `constructor` first, `await` and `then` alike; there is no other
 * trace of an `await`. Without a family a failure is an unhandled rejection, as on the host.
 */
export class ChildHandle extends Handle implements Child {
  readonly family: Family | undefined
  isObserved = false

  constructor(site: Site, args: Arguments, nowMs: number, family: Family | undefined) {
    super(site, args, nowMs)
    this.family = family
    if (family !== undefined) family.unsettled++
  }

  get failure(): unknown {
    return this.outcome
  }

  override succeed(value: unknown): void {
    super.succeed(value)
    this.family?.settled()
  }

  override fail(error: unknown): void {
    super.fail(error)
    this.#failed()
  }

  override refuse(error: unknown): void {
    super.refuse(error)
    this.#failed()
  }

  override lose(error: Error): void {
    super.lose(error)
    this.#failed()
  }

  override withdraw(error: Error): void {
    super.withdraw(error)
    this.family?.settled()
  }

  /** Not called by `await`. */
  override then<A = unknown, B = never>(
    onFulfilled?: ((value: unknown) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#noteCallback()
    return super.then(onFulfilled, onRejected)
  }

  override onComplete(callback: (value: unknown, handle: Handle) => void): this {
    this.#noteCallback()
    return super.onComplete(callback)
  }

  #noteCallback(): void {
    if (this.family !== undefined) this.family.hasCallbacks = true
  }

  #failed(): void {
    if (this.family === undefined) return
    const seen = this.isObserved
    void then.call(this, undefined, ignore) // not the process, the parent is told of it
    this.isObserved = seen
    this.family.failed(this)
  }
}

Object.defineProperties(ChildHandle.prototype, {
  constructor: {
    get(this: object) {
      if (this instanceof ChildHandle) this.isObserved = true
      return Promise
    },
    configurable: true,
  },
  // Who prints a handle reads its constructor too, and right before that this.
  [Symbol.for('nodejs.util.inspect.custom')]: {
    get(this: ChildHandle) {
      const seen = this.isObserved
      return () => {
        this.isObserved = seen
        return this.description
      }
    },
    configurable: true,
  },
})

/**
 * A call in a task, whose children `submitter` takes: a child of that.
 * @throws TaskLoadError while a task module is being evaluated
 */
export function spawn(
  task: BoundTask,
  args: readonly unknown[],
  submitter: Submitter,
  onCallbackError: (error: unknown) => void,
  transfer?: readonly unknown[],
): TaskHandle<unknown> {
  const { worker } = thread
  if (worker?.isEvaluating()) {
    const error = new TaskLoadError(
      `task "${task.definition.name}" is called while its module is being evaluated in a worker. ` +
        'A task module runs on the host and in every worker: keep what only the host shall do behind\n' +
        "  import { isWorker } from 'makeparallel'\n  if (!isWorker) { … }",
    )
    worker.refuse(error)
    throw error
  }
  const site = siteOf(task, UNBOUND, submitter, onCallbackError)
  let taken: Arguments
  try {
    taken = takeArguments(args, task.definition.name, transfer)
  } catch (error) {
    const refused = new ChildHandle(site, NONE, submitter.now(), submitter.family)
    refused.refuse(error)
    return refused as TaskHandle<unknown>
  }
  const child = new ChildHandle(site, taken, submitter.now(), submitter.family)
  submitter.submit(child)
  return child as TaskHandle<unknown>
}
