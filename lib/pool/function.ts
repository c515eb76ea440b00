/** How a parallel function is made, and how a call of one becomes a task. */
import { type Definition, runtime } from '../workers/index.js'
import { bindTask } from './check-options.js'
import { spawn } from './child.js'
import { defaultPool } from './default-pool.js'
import { rethrowLater } from './emitter.js'
import type { TaskHandle } from './handle.js'
import { type Bound, SUBMIT, type TaskOptions } from './options.js'
import { type AnyFunction, type BoundTask, type ParallelFunction, TASK } from './task.js'

/** @internal */
export function makeFunction<F extends AnyFunction>(
  definition: Definition,
  bound: Bound,
  local: F,
): ParallelFunction<F> {
  const task: BoundTask = { definition, bound, site: undefined }
  const thread = runtime()
  const pool = bound.pool ?? defaultPool
  const call = (...all: unknown[]): TaskHandle<unknown> => {
    const args = all.length === 3 ? withoutArray(all, local.length) : all
    return thread.worker === undefined
      ? (pool[SUBMIT](task, args) as TaskHandle<unknown>)
      : spawn(task, args, rethrowLater)
  }
  const properties = {
    local: { value: local },
    taskName: { value: bound.name ?? definition.name },
    name: { value: definition.name },
    with: {
      value: (options: TaskOptions) =>
        makeFunction(definition, bindTask(bound, options, `task "${definition.name}"`), local),
    },
    [TASK]: { value: task },
  }
  return Object.defineProperties(call, properties) as unknown as ParallelFunction<F>
}

/**
 * `items.map(fn)` calls fn(item, index, items): the array would travel with every item. The item is sent, and the index to
 * a function with a second parameter. One with a default (`quality = 80`) is an option and no index; it doesn't count in
 * `length`. A function of three parameters may be called with these values on purpose, so that it is asked who calls.
 */
function withoutArray(args: unknown[], takes: number): unknown[] {
  const [item, index, array] = args
  if (!Array.isArray(array) || typeof index !== 'number' || !Object.is(array[index], item)) return args
  if (takes > 2 && !isCalledByArray()) return args
  return takes >= 2 ? [item, index] : [item]
}

/** True when the call comes from a method of Array: its frame has no file. Costs microseconds, and is asked for rarely. */
function isCalledByArray(): boolean {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = CALLER + 1
  const { stack } = new Error('who calls?')
  Error.stackTraceLimit = stackTraceLimit
  return /^\s+at \w+\.\w+ \(<anonymous>\)$/.test(String(stack).split('\n')[CALLER + 1] ?? '')
}
/** Frames between this one and the caller's: withoutArray, the parallel function. */
const CALLER = 3
