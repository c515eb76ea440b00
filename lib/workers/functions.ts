/**
 * The task functions of one worker, by number. Functions of task modules are found again by identity: the module is
 * imported once, evaluates its own `parallel(import.meta, …)` here, and so registers them. Remote functions are exports of
 * a module that is imported likewise, or served. Inline ones are compiled from their source text.
 *
 * The host numbers its functions 1, 2, 3, … What is defined in a worker alone gets a negative number when it is first
 * called there, and is announced to everybody: so children are stolen whatever they are.
 */
import { TaskLoadError, TaskNotFoundError } from '../errors.js'
import type { AnnouncedTask } from './buffers.js'
import { type Definition, identityOf, NO_HASH, type Origin } from './definition.js'
import { compileInline, explainText } from './inline.js'
import { runtime } from './registry.js'
import { cannotLoad, exportedFunction, loadModule, servedFunction } from './remote.js'

type TaskFunction = (...args: unknown[]) => unknown

export interface WorkerTask {
  readonly id: number
  readonly name: string
  /** The function, once it is loaded. */
  fn: TaskFunction | undefined
  /** What its last run here returned: a promise, or a value. A join helps only with what is known to be synchronous. */
  kind: 'unknown' | 'sync' | 'async'
  readonly announced: AnnouncedTask
}

export class Functions {
  readonly #tasks: (WorkerTask | undefined)[] = []
  /** Those of workers. */
  readonly #ofWorkers = new Map<number, WorkerTask>()
  readonly #ids = new Map<string, number>()
  readonly #modules = new Map<string, Promise<object>>()
  readonly #loadTimeoutMs: number
  readonly #announce: ((definition: Definition) => AnnouncedTask) | undefined
  /** Definitions up to this number were made by modules that any worker can evaluate, rather than in the middle of a task. */
  #repeatable = runtime().definitions.length
  /** Those up to this one by the entry that calls serve(): what that imports is evaluated, whatever its URLs are. */
  readonly #served: number
  #isBundle = false
  /** Task modules that are being evaluated right now. */
  loading = 0
  #refusal: TaskLoadError | undefined

  /** `announce`, in a worker, numbers a function that the host does not know, and tells everybody else. */
  constructor(loadTimeoutMs: number, announce?: (definition: Definition) => AnnouncedTask) {
    this.#loadTimeoutMs = loadTimeoutMs
    this.#announce = announce
    this.#served = announce === undefined ? 0 : runtime().definitions.length
  }

  readonly add = (tasks: readonly AnnouncedTask[]): void => {
    for (const announced of tasks) {
      const { id, name, origin } = announced
      if (this.get(id) !== undefined) continue
      const task: WorkerTask = { id, name, fn: undefined, kind: 'unknown', announced }
      if (id < 0) this.#ofWorkers.set(id, task)
      else this.#tasks[id] = task
      this.#ids.set(identityOf(origin), id)
    }
  }

  get(id: number): WorkerTask | undefined {
    return id < 0 ? this.#ofWorkers.get(id) : this.#tasks[id]
  }

  /** The number under which other threads know a function, or undefined when they could not find it. */
  numberOf(definition: Definition): number | undefined {
    const known = this.#ids.get(definition.identity)
    if (known !== undefined) return known
    if (definition.origin.kind === 'module' && definition.id > this.#repeatable) return undefined
    if (this.#announce === undefined) return undefined
    const announced = this.#announce(definition)
    this.add([announced])
    return announced.id
  }

  /** Resolves when the file that this thread was started with has been evaluated: it is a task module as well. */
  async waitFor(bundle: string): Promise<void> {
    await this.#import(bundle, `the bundle ${bundle}`)
    this.#isBundle = true
  }

  /**
   * A module has called a task while it was being evaluated. Its import fails, whether or not it passes the error on: it
   * may do so in a promise that nobody awaits, too late for whoever waits for the module.
   */
  readonly refuse = (error: TaskLoadError): void => {
    this.#refusal ??= error
  }

  /**
   * Makes `task.fn` available.
   * @throws TaskLoadError, TaskNotFoundError
   */
  async load(task: WorkerTask): Promise<void> {
    const { name } = task
    const { origin } = task.announced
    task.fn ??=
      origin.kind === 'inline'
        ? compileInline(origin.text, name)
        : origin.kind === 'module'
          ? await this.#defined(origin, name)
          : origin.id !== undefined
            ? servedFunction({ ...origin, id: origin.id })
            : await this.#exported(origin.url as string, origin.key, name)
  }

  async #defined(origin: Origin & { readonly kind: 'module' }, name: string): Promise<TaskFunction> {
    const { hash, id, key, url } = origin
    const { byIdentity, served } = runtime()
    const identity = identityOf(origin)
    const exports = id === undefined ? undefined : served.get(id)
    const known = byIdentity.get(identity)
    // A module of the bundle is evaluated, whatever its URL was when it was bundled; and one with an id may have been
    // evaluated already, from another file than the host's.
    const isElsewhere = known?.origin.kind === 'module' && known.origin.url !== url
    const isEvaluated = known !== undefined && (this.#isBundle || known.id <= this.#served || isElsewhere)
    const isHere = exports !== undefined || isEvaluated
    if (!isHere) await this.#import(url, moduleOfTask(url, name))
    const found = byIdentity.get(identity)
    if (found === undefined) {
      if (exports !== undefined) return exportedFunction(exports, key, `the module that is served as "${id}"`)
      throw new TaskNotFoundError(
        `${url} was loaded in the worker, but it defines no task "${key}" there. ` +
          'A task module must call parallel() in the same way on every thread.',
      )
    }
    // With an id, host and worker may run chunks that were minified apart.
    const isOther = found.origin.kind === 'module' && found.origin.hash !== NO_HASH && found.origin.hash !== hash
    if (id === undefined && hash !== NO_HASH && isOther)
      throw new TaskNotFoundError(
        `task "${key}" of ${url} has another source text in the worker than on the host: ` +
          'the file was changed while the program ran, or it is built differently for workers. ' +
          "For the latter, name the module: parallel(import.meta, { … }, { id: 'name' }).",
      )
    return found.fn as TaskFunction
  }

  async #exported(url: string, key: string, name: string): Promise<TaskFunction> {
    return exportedFunction(await this.#import(url, moduleOfTask(url, name)), key, `the module ${url}`)
  }

  #import(url: string, what: string): Promise<object> {
    const known = this.#modules.get(url)
    if (known !== undefined) return known
    this.loading++
    const refused = (): void => {
      if (this.#refusal !== undefined) throw cannotLoad(what, this.#refusal)
    }
    const evaluated = loadModule(url, what, refused).finally(() => {
      if (--this.loading === 0) this.#refusal = undefined
      this.#repeatable = runtime().definitions.length
    })
    const loaded = this.#loadTimeoutMs === Number.POSITIVE_INFINITY ? evaluated : this.#limit(evaluated, what)
    this.#modules.set(url, loaded)
    return loaded
  }

  #limit(evaluated: Promise<object>, what: string): Promise<object> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(
          new TaskLoadError(
            `${what} did not finish evaluating within loadTimeout = ${this.#loadTimeoutMs} ms. ` +
              'A top-level await that never settles?',
          ),
        )
      }, this.#loadTimeoutMs)
      evaluated.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  }
}

function moduleOfTask(url: string, task: string): string {
  return `task "${task}": the task module ${url}`
}

/** What a task threw, explained where it is the fault of a function that came as source text. */
export function explainInline(error: unknown, { name, announced }: WorkerTask): unknown {
  const { origin } = announced
  return origin.kind === 'inline' ? explainText(error, { name, text: origin.text }) : error
}
