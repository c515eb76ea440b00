/** `parallel()`: makes parallel functions of a module's functions, or of one whose source text travels. */
import {
  type AnyFunction,
  bindTask,
  makeFunction,
  type ParallelFunction,
  type TaskOptions,
  UNBOUND,
  wrong,
} from '../pool/index.js'
import { define, inlineSource } from '../workers/index.js'
import { defineInModule } from './define-in-module.js'
import { method } from './method.js'
import { checkId, isRewritten, type TaskSource, urlOf } from './source.js'

export interface NotAFunction {
  readonly 'makeparallel: every entry must be a function': never
}
export type Tasks<T> = {
  readonly [K in keyof T]: T[K] extends AnyFunction ? ParallelFunction<T[K]> : NotAFunction
}

/** What `parallel(source, tasks, options)` takes besides task options. */
export interface DefineOptions extends TaskOptions {
  /**
   * Stable name of the module, for bundles whose host and worker chunks have different URLs. It stands for the URL in the
   * identity of the tasks, and sources are not compared between threads: the chunks may be minified apart.
   */
  readonly id?: string | undefined
}

/**
 * One function, by its source text: it must not use variables from outside.
 * @throws OptionError `ERR_PARALLEL_OPTION` for native, bound and generator functions, classes and accessors, for what only
 * compiles where it stands, and where no code may be made from strings
 * @example
 * const square = parallel((x: number) => x * x)
 */
export function parallel<F extends AnyFunction>(fn: F, options?: TaskOptions): ParallelFunction<F>
/**
 * The functions of a task module. The module is evaluated on the host and once in each worker, where its functions are
 * found again by the module's URL (or `options.id`) and their keys; so they may use imports and module state.
 * @param source import.meta, or `__filename` in CommonJS, or a URL
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
  options?: DefineOptions,
): Tasks<T>
export function parallel(first: unknown, second?: unknown, third?: DefineOptions): unknown {
  if (typeof first !== 'function') return ofModule(first, second, third)
  const isRecord = third !== undefined || Object.values(second ?? {}).some((value) => typeof value === 'function')
  if (isRecord) throw wrong('parallel(source, tasks): source', first, 'import.meta, in CommonJS __filename, or a URL')
  return inline(first as AnyFunction, second as TaskOptions | undefined)
}

function inline<F extends AnyFunction>(fn: F, options: TaskOptions | undefined): ParallelFunction<F> {
  const text = inlineSource(fn)
  const name = options?.name ?? (fn.name || 'inline')
  // Two functions of one text are one definition, each under its own name.
  const bound = { ...bindTask(UNBOUND, options, `parallel(${name})`), name }
  return makeFunction(define(name, { kind: 'inline', text }, fn), bound, fn)
}

function ofModule(
  source: unknown,
  tasks: unknown,
  options: DefineOptions | undefined,
): Record<string, ParallelFunction> {
  const url = urlOf(source, 'parallel(source, …)')
  if (typeof tasks !== 'object' || tasks === null)
    throw wrong('parallel(source, tasks): tasks', tasks, 'an object of functions')
  const where = `parallel(${url})`
  const bound = bindTask(UNBOUND, options, where, ['id'])
  const id = checkId(options?.id, where)
  const rewritten = isRewritten(source)
  const made: Record<string, ParallelFunction> = {}
  for (const [key, fn] of Object.entries(tasks)) {
    if (typeof fn !== 'function') throw wrong(`parallel(source, tasks): "${key}"`, fn, 'a function')
    made[key] = makeFunction(defineInModule({ url, id, key, rewritten }, fn, fn), bound, fn)
  }
  return made
}

/** The decorator, for static async methods. */
parallel.method = method
