/** `importTasks()`: typed functions of a module that the host never evaluates. */
import { OptionError } from '../errors.js'
import {
  type AnyFunction,
  type Bound,
  bindTask,
  makeRemoteFunction,
  type ParallelFunction,
  REBIND,
  type TaskOptions,
  UNBOUND,
} from '../pool/index.js'
import { define, type RemoteOrigin, remoteFunction } from '../workers/index.js'
import { moduleOf } from './source.js'

export type RemoteTasks<M> = {
  readonly [K in keyof M as M[K] extends AnyFunction ? K : never]: M[K] extends ParallelFunction<infer F>
    ? ParallelFunction<F>
    : M[K] extends AnyFunction
      ? ParallelFunction<M[K]>
      : never
}

/**
 * The functions that a module exports, as tasks. The module is evaluated in workers alone: it may be large, slow to load,
 * or unfit for the host. Plain functions will do; of what its own `parallel()` has made, the function runs, without the
 * options that it has there: give them here. A default export is called `default`.
 *
 * Nothing is looked up before the first call, so that a name that the module does not export is a TaskNotFoundError then.
 * @param module its URL, or the id under which the workers' entry serves it (`createWorker`, `serve`)
 * @param options hold for all of its functions
 * @throws OptionError `ERR_PARALLEL_OPTION` for a relative path, for what cannot be imported, or a wrong option
 * @example
 * const image = importTasks<typeof import('./image.js')>(new URL('./image.js', import.meta.url))
 * const small = await image.resize(pixels, 200)
 */
export function importTasks<M extends object = never>(
  module: { readonly href: string } | string,
  options?: TaskOptions,
): RemoteTasks<M> {
  const { id, url } = moduleOf(module, 'importTasks(module)')
  const where = `importTasks(${id ?? url})`
  return remoteTasks({ id, url }, bindTask(UNBOUND, options, where), where) as RemoteTasks<M>
}

function remoteTasks(module: Pick<RemoteOrigin, 'id' | 'url'>, bound: Bound, where: string): object {
  const made = new Map<string, ParallelFunction>()
  const functionCalled = (key: string): ParallelFunction => {
    const known = made.get(key)
    if (known !== undefined) return known
    const origin: RemoteOrigin = { kind: 'remote', ...module, key }
    const fn = makeRemoteFunction(define(key, origin, remoteFunction(origin)), bound)
    made.set(key, fn)
    return fn
  }
  const rebind = (options: TaskOptions): object => remoteTasks(module, bindTask(bound, options, where), where)
  const refuse = (): never => {
    throw new OptionError(`${where}: what the module exports cannot be changed from here`)
  }
  return new Proxy(Object.create(null), {
    get: (_, key) =>
      key === REBIND ? rebind : typeof key === 'symbol' || NOT_TASKS.has(key) ? undefined : functionCalled(key),
    has: (_, key) => typeof key === 'string' && !NOT_TASKS.has(key),
    set: refuse,
    defineProperty: refuse,
    deleteProperty: refuse,
  })
}

/** What `await`, JSON.stringify and the like look for in any object. No module exports a task called so. */
const NOT_TASKS = new Set(['then', 'toJSON', ...Object.getOwnPropertyNames(Object.prototype)])
