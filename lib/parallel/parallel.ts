/** `parallel()`: makes parallel functions of a module's functions, or of one whose source text travels. */
import { OptionError } from '../errors.js'
import {
  type AnyFunction,
  bindTask,
  makeFunction,
  type ParallelFunction,
  type TaskOptions,
  UNBOUND,
  wrong,
} from '../pool/index.js'
import { define, hashSource, inlineSource, isPath, urlOfPath } from '../workers/index.js'

/** What names a task module: import.meta, a URL (whose type is not known everywhere), or __filename in CommonJS. */
export type TaskSource = { readonly url: string } | { readonly href: string } | string

export interface NotAFunction {
  readonly 'makeparallel: every entry must be a function': never
}
export type Tasks<T> = {
  readonly [K in keyof T]: T[K] extends AnyFunction ? ParallelFunction<T[K]> : NotAFunction
}

/**
 * The functions of a task module. The module is evaluated on the host and once in each worker, where its functions are
 * found again by the module's URL and their keys; so they may use imports and module state.
 * @throws OptionError `ERR_PARALLEL_OPTION` for an unusable source, an entry that is no function, two functions under
 * one identity, or a wrong option
 * @example
 * export const { fib } = parallel(import.meta, {
 *   fib(n: number): number { return n < 2 ? n : fib.local(n - 1) + fib.local(n - 2) },
 * })
 */
export function parallel<T extends object>(
  source: TaskSource,
  tasks: T & ThisType<void>,
  options?: TaskOptions,
): Tasks<T>
/**
 * One function, by its source text: it must not use variables from outside.
 * @throws OptionError `ERR_PARALLEL_OPTION` for native, bound and generator functions and for classes
 * @example
 * const square = parallel((x: number) => x * x)
 */
export function parallel<F extends AnyFunction>(fn: F, options?: TaskOptions): ParallelFunction<F>
export function parallel(first: unknown, second?: unknown, third?: TaskOptions): unknown {
  if (typeof first === 'function') return inline(first as AnyFunction, second as TaskOptions | undefined)
  return ofModule(urlOf(first), second, third)
}

function inline<F extends AnyFunction>(fn: F, options: TaskOptions | undefined): ParallelFunction<F> {
  const text = inlineSource(fn)
  const name = options?.name ?? (fn.name || 'inline')
  // Two functions of one text are one definition, each under its own name.
  const bound = { ...bindTask(UNBOUND, options, `parallel(${name})`), name }
  return makeFunction(define(name, { kind: 'inline', text }, fn), bound, fn)
}

function ofModule(url: string, tasks: unknown, options: TaskOptions | undefined): Record<string, ParallelFunction> {
  if (typeof tasks !== 'object' || tasks === null)
    throw wrong('parallel(source, tasks): tasks', tasks, 'an object of functions')
  const bound = bindTask(UNBOUND, options, `parallel(${url})`)
  const made: Record<string, ParallelFunction> = {}
  for (const [key, fn] of Object.entries(tasks)) {
    if (typeof fn !== 'function') throw wrong(`parallel(source, tasks): "${key}"`, fn, 'a function')
    const hash = hashSource(Function.prototype.toString.call(fn))
    made[key] = makeFunction(define(key, { kind: 'module', url, key, hash }, fn), bound, fn)
  }
  return made
}

/** The URL that workers import. */
function urlOf(source: unknown): string {
  const named = source as { url?: unknown; href?: unknown } | null | undefined
  const url = typeof source === 'string' ? source : (named?.url ?? named?.href)
  if (typeof url !== 'string' || url === '') throw wrong('parallel(source, …): source', source, 'import.meta or a URL')
  if (isPath(url)) return urlOfPath(url)
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch (cause) {
    throw new OptionError(`parallel(source, …): ${JSON.stringify(url)} is no absolute URL; pass import.meta`, { cause })
  }
  if (!['file:', 'data:', 'http:', 'https:'].includes(parsed.protocol))
    throw new OptionError(`parallel(source, …): a worker cannot import ${url}; pass import.meta of a file`)
  return url
}
