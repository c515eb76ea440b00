/** What a parallel function is, and what it stands for. */
import { OptionError } from '../errors.js'
import { type Definition, TASK, type Waiter } from '../workers/index.js'
import type { TaskHandle } from './handle.js'
import type { Bound, TaskOptions } from './options.js'
import { makeSite, type Site } from './site.js'

/** Not the constraint of `parallel`: a function type there would make sibling tasks circular. */
export type AnyFunction = (...args: never[]) => any

/** A function that runs on another core when it is called. */
export interface ParallelFunction<F extends AnyFunction = AnyFunction> {
  (...args: Parameters<F>): TaskHandle<Awaited<ReturnType<F>>>
  /** The function itself, on this thread: keeps generics and overloads. */
  readonly local: F
  readonly taskName: string
  /** A copy with options bound to it. @throws OptionError `ERR_PARALLEL_OPTION` */
  with(options: TaskOptions): ParallelFunction<F>
}

/**
 * The value type of a handle, of a parallel function, or of a promise.
 * @example
 * type Size = TaskResult<typeof resize>
 */
export type TaskResult<H> = H extends ParallelFunction<infer F> ? Awaited<ReturnType<F>> : Awaited<H>

/** Any object whose values are parallel functions. */
export type TaskRecord = { readonly [name: string]: ParallelFunction<any> }

/** @internal Key of what `pool.bind` asks of an object whose functions cannot be listed: a copy with options. */
export const REBIND = Symbol.for('makeparallel.rebind')

/** @internal A function with its options; what its calls have in common is made with the first call and kept. */
export interface BoundTask {
  readonly definition: Definition
  readonly bound: Bound
  site: Site | undefined
}

/** @internal What the calls of `task` to `waiter` have in common; `defaults` are the options of its pool. */
export function siteOf(
  task: BoundTask,
  defaults: Bound,
  waiter: Waiter,
  onCallbackError: (error: unknown) => void,
): Site {
  const known = task.site
  if (known !== undefined && known.waiter === waiter) return known
  task.site = makeSite(task.definition, task.bound, defaults, waiter, onCallbackError)
  return task.site
}

/** @internal What a parallel function stands for. @throws OptionError when it is none */
export function taskOf(fn: unknown, where: string): BoundTask {
  const task = typeof fn === 'function' ? (fn as { [TASK]?: BoundTask })[TASK] : undefined
  if (task !== undefined) return task
  const what = typeof fn === 'function' ? `the plain function ${fn.name || 'anonymous'}` : String(fn)
  throw new OptionError(`${where} needs a function that parallel() made, not ${what}`)
}
