/** Functions of modules that the host never evaluates: found by the name under which their module exports them. */
import { TaskLoadError, TaskNotFoundError } from '../errors.js'
import { type Definition, identityOf, type RemoteOrigin, TASK } from './definition.js'
import { importModule } from './import-module.js'
import { isClass } from './inline.js'
import { runtime } from './registry.js'

type TaskFunction = (...args: unknown[]) => unknown

/** Names of exports that an error lists. */
const MOST_LISTED = 20

/**
 * What a module exports as `key`: a plain function, or the function of a parallel one, which runs here and now.
 * @param module what errors call it
 * @throws TaskNotFoundError
 */
export function exportedFunction(exports: object, key: string, module: string): TaskFunction {
  const value = exportOf(exports, key)
  const definition = definitionOf(value)
  // A module may export what it has imported with importTasks(): a call of it is a child of the task.
  if (definition !== undefined && definition.origin.kind !== 'remote') return definition.fn as TaskFunction
  if (typeof value === 'function' && !isClass(value)) return value as TaskFunction
  if (value === undefined && !(key in exports))
    throw new TaskNotFoundError(`${module} exports no "${key}"; ${listOf(exports)}`)
  throw new TaskNotFoundError(`"${key}" of ${module} is ${describe(value)} and no function; ${listOf(exports)}`)
}

/** Named exports of a CommonJS module that Node cannot see from outside are properties of its default one. */
function exportOf(exports: object, key: string): unknown {
  const all = exports as { readonly [key: string]: unknown; readonly default?: unknown }
  if (key in all) return all[key]
  const main = all.default
  return typeof main === 'object' && main !== null && Object.hasOwn(main, key) ? Reflect.get(main, key) : undefined
}

function definitionOf(value: unknown): Definition | undefined {
  return typeof value === 'function' ? (value as { [TASK]?: { definition: Definition } })[TASK]?.definition : undefined
}

function listOf(exports: object): string {
  const names = Object.keys(exports).filter((name) => {
    const value = exportOf(exports, name)
    return typeof value === 'function' && !isClass(value)
  })
  if (names.length === 0) return 'it exports no function at all'
  const more = names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : ''
  return `it exports ${names.slice(0, MOST_LISTED).join(', ')}${more}`
}

function describe(value: unknown): string {
  if (typeof value === 'function') return 'a class'
  if (typeof value === 'string') return `the string ${JSON.stringify(value.slice(0, 40))}`
  if (typeof value !== 'object' || value === null) return `the ${typeof value} ${String(value)}`
  return Array.isArray(value) ? 'an array' : 'an object'
}

/**
 * A function of a module that this worker serves.
 * @throws TaskNotFoundError
 */
export function servedFunction(origin: RemoteOrigin & { readonly id: string }): TaskFunction {
  const { id, key } = origin
  const { byIdentity, served } = runtime()
  const exports = served.get(id)
  if (exports !== undefined) return exportedFunction(exports, key, `the module that is served as "${id}"`)
  const defined = byIdentity.get(identityOf({ ...origin, kind: 'module', url: '', hash: 0 }))
  if (defined !== undefined) return defined.fn as TaskFunction
  const known = [...served.keys()]
  throw new TaskNotFoundError(
    `task "${key}": no module is served as "${id}" on this thread` +
      (known.length === 0 ? '' : `, only ${known.join(', ')}`) +
      `. The entry of the workers says which they are: serve({ ${/^[\w$]+$/.test(id) ? id : JSON.stringify(id)}: … }) of ` +
      'makeparallel/worker; the pool starts that entry with its option createWorker.',
  )
}

/**
 * @param what the subject of an error's sentence
 * @param check once the module is there, may throw what is wrong with it
 * @throws TaskLoadError
 */
export async function loadModule(url: string, what: string, check?: () => void): Promise<object> {
  let exports: object
  try {
    exports = await importModule(url)
  } catch (cause) {
    throw cannotLoad(what, cause)
  }
  check?.()
  return exports
}

export function cannotLoad(what: string, cause: unknown): TaskLoadError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new TaskLoadError(`${what} cannot be loaded in a worker: ${why}`, { cause })
}

/** The function of a remote task where no worker has loaded it: finds it with its first call, on the thread of the call. */
export function remoteFunction(origin: RemoteOrigin): TaskFunction {
  let found: TaskFunction | undefined
  const find = async (): Promise<TaskFunction> => {
    const { id, key, url } = origin
    if (id !== undefined) return servedFunction({ ...origin, id })
    return exportedFunction(
      await loadModule(url as string, `task "${key}": the task module ${url}`),
      key,
      `the module ${url}`,
    )
  }
  return (...args) => {
    if (found !== undefined) return found(...args)
    return find().then((fn) => {
      found = fn
      return fn(...args)
    })
  }
}
