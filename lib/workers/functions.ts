/**
 * The task functions of one worker, by the host's numbers. Module tasks are found again by identity: the module is
 * imported once, evaluates its own `parallel(import.meta, …)` here, and so registers its functions. Inline tasks are
 * compiled from their source text.
 */
import { TaskLoadError, TaskNotFoundError } from '../errors.js'
import type { AnnouncedTask } from './buffers.js'
import { identityOf } from './definition.js'
import { importModule } from './import-module.js'
import { compileInline, explainText } from './inline.js'
import { runtime } from './registry.js'

export interface WorkerTask {
  readonly id: number
  readonly name: string
  /** The function, once it is loaded. */
  fn: ((...args: unknown[]) => unknown) | undefined
  /** What its last run here returned: a promise, or a value. A join helps only with what is known to be synchronous. */
  kind: 'unknown' | 'sync' | 'async'
  readonly announced: AnnouncedTask
}

export class Functions {
  readonly #tasks: (WorkerTask | undefined)[] = []
  readonly #ids = new Map<string, number>()
  readonly #modules = new Map<string, Promise<void>>()
  readonly #loadTimeoutMs: number
  /** Task modules that are being evaluated right now. */
  loading = 0

  constructor(loadTimeoutMs: number) {
    this.#loadTimeoutMs = loadTimeoutMs
  }

  readonly add = (tasks: readonly AnnouncedTask[]): void => {
    for (const announced of tasks) {
      const { id, name, origin } = announced
      if (this.#tasks[id] !== undefined) continue
      this.#ids.set(identityOf(origin), id)
      this.#tasks[id] = { id, name, fn: undefined, kind: 'unknown', announced }
    }
  }

  get(id: number): WorkerTask | undefined {
    return this.#tasks[id]
  }

  /** The host's number of a function of this thread, or undefined when the host does not know it. */
  numberOf(identity: string): number | undefined {
    return this.#ids.get(identity)
  }

  /**
   * Makes `task.fn` available.
   * @throws TaskLoadError, TaskNotFoundError
   */
  async load(task: WorkerTask): Promise<void> {
    const { origin } = task.announced
    if (origin.kind === 'inline') {
      task.fn = compileInline(origin.text, task.name)
      return
    }
    await this.#import(origin.url, task.name)
    const found = runtime().byIdentity.get(identityOf(origin))
    if (found === undefined)
      throw new TaskNotFoundError(
        `${origin.url} was loaded in the worker, but it defines no task "${origin.key}" there. ` +
          'A task module must call parallel() in the same way on every thread.',
      )
    if (found.origin.kind === 'module' && found.origin.hash !== origin.hash)
      throw new TaskNotFoundError(
        `task "${origin.key}" of ${origin.url} has another source text in the worker than on the host: ` +
          'the file was changed while the program ran, or it is built differently for workers.',
      )
    task.fn = found.fn as (...args: unknown[]) => unknown
  }

  #import(url: string, task: string): Promise<void> {
    const known = this.#modules.get(url)
    if (known !== undefined) return known
    this.loading++
    const evaluated = importModule(url).then(
      () => {
        this.loading--
      },
      (cause: unknown) => {
        this.loading--
        const why = cause instanceof Error ? cause.message : String(cause)
        throw new TaskLoadError(`task "${task}": the task module ${url} cannot be loaded in a worker: ${why}`, {
          cause,
        })
      },
    )
    const loaded = this.#loadTimeoutMs === Number.POSITIVE_INFINITY ? evaluated : this.#limit(evaluated, url, task)
    this.#modules.set(url, loaded)
    return loaded
  }

  #limit(evaluated: Promise<void>, url: string, task: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(
          new TaskLoadError(
            `task "${task}": the task module ${url} did not finish evaluating within loadTimeout = ${this.#loadTimeoutMs} ms. ` +
              'A top-level await that never settles?',
          ),
        )
      }, this.#loadTimeoutMs)
      evaluated.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  }
}

/** What a task threw, explained where it is the fault of a function that came as source text. */
export function explainInline(error: unknown, { name, announced }: WorkerTask): unknown {
  const { origin } = announced
  return origin.kind === 'inline' ? explainText(error, { name, text: origin.text }) : error
}
