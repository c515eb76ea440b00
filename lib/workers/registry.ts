/**
 * The task functions that this thread knows, and what kind of thread it is. One registry per thread and protocol version,
 * at a `Symbol.for` key, so that several copies of the library in one process share it.
 */
import { OptionError, type TaskLoadError } from '../errors.js'
import { type Definition, identityOf, type Origin } from './definition.js'
import type { Submitter } from './family.js'

export const PROTOCOL = 1
const PREFIX = 'makeparallel.runtime.'
const KEY = Symbol.for(PREFIX + PROTOCOL)

/** What a worker offers to code that runs in it. */
export interface WorkerContext {
  /**
   * `marked`: a worker of createWorker whose entry has not called serve() yet. `foreign`: a worker of a copy of the library
   * with which this one shares no protocol. Neither takes calls.
   */
  readonly stage: 'started' | 'marked' | 'foreign'
  readonly workerId: number
  readonly workerData: unknown
  /** Takes children of the running task. */
  readonly submitter: Submitter
  /** Milliseconds on the host's clock. */
  now(): number
  /** A task module is being evaluated and no task runs. @throws TaskLoadError where no task can ever be called */
  isEvaluating(): boolean
  /** A task was called meanwhile. */
  refuse(error: TaskLoadError): void
}

export interface Runtime {
  readonly byIdentity: Map<string, Definition>
  readonly definitions: Definition[]
  /** The modules that this worker serves, by id. */
  readonly served: Map<string, object>
  worker: WorkerContext | undefined
  /** Takes children of the task that runs right now on a thread that is no worker; undefined until such a task has run. */
  local: (() => Submitter | undefined) | undefined
  /** Makes the parallel function of a definition that came from another thread; undefined until layer 3 is loaded. */
  makeFunction: ((definition: Definition, bound: object) => unknown) | undefined
}

export function runtime(): Runtime {
  const global = globalThis as unknown as Record<symbol, Runtime | undefined>
  const known = global[KEY]
  if (known !== undefined) return known
  const fresh: Runtime = {
    byIdentity: new Map(),
    definitions: [],
    served: new Map(),
    worker: undefined,
    local: undefined,
    makeFunction: undefined,
  }
  global[KEY] = fresh
  return fresh
}

/** The protocol of which another copy of the library has made this thread a worker, or undefined. */
export function otherProtocol(): string | undefined {
  for (const key of Object.getOwnPropertySymbols(globalThis)) {
    const name = Symbol.keyFor(key)
    if (key === KEY || name === undefined || !name.startsWith(PREFIX)) continue
    // All that every protocol has in common.
    const { worker } = Object(Reflect.get(globalThis, key)) as { worker?: unknown }
    if (worker !== undefined) return name.slice(PREFIX.length)
  }
  return undefined
}

/**
 * The definition of a function, made when its identity is new. Evaluating the same module twice gives the same one.
 * @throws OptionError `ERR_PARALLEL_OPTION` when another function has this identity
 */
export function define(name: string, origin: Origin, fn: Definition['fn']): Definition {
  const { byIdentity, definitions } = runtime()
  const identity = identityOf(origin)
  const known = byIdentity.get(identity)
  if (known !== undefined) {
    if (known.origin.kind === 'module' && origin.kind === 'module' && known.origin.hash !== origin.hash) {
      throw new OptionError(
        `two different functions are called "${origin.key}" in ${origin.id === undefined ? origin.url : `the module with the id "${origin.id}"`}. ` +
          'A bundler may have merged two task modules into one file: give one of the functions another name, or one of the ' +
          "modules an id: parallel(import.meta, { … }, { id: 'name' }).",
      )
    }
    return known
  }
  // Id 0 is left out, so that a slot that was never written names no function.
  const definition: Definition = { id: definitions.length + 1, name, identity, origin, fn, meanTicks: -1 }
  definitions.push(definition)
  byIdentity.set(identity, definition)
  return definition
}
