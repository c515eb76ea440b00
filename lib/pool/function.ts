/** How a parallel function is made, and how a call of one becomes a task. */
import { OptionError } from '../errors.js'
import { type Definition, isEvaluatedHere, runtime, TASK } from '../workers/index.js'
import { bindTask } from './check-options.js'
import { spawn } from './child.js'
import { defaultPool } from './default-pool.js'
import { rethrowLater } from './emitter.js'
import type { TaskHandle } from './handle.js'
import { type Bound, SUBMIT, type TaskOptions, UNBOUND } from './options.js'
import type { AnyFunction, BoundTask, ParallelFunction } from './task.js'

/** @internal */
export function makeFunction<F extends AnyFunction>(
  definition: Definition,
  bound: Bound,
  local: F,
): ParallelFunction<F> {
  return make(definition, bound, { value: local }, local.length) as unknown as ParallelFunction<F>
}

/** @internal Its module is not evaluated on this thread: nothing is known of its parameters. */
export function makeRemoteFunction(definition: Definition, bound: Bound): ParallelFunction {
  const { name } = definition
  const get = (): never => {
    throw new OptionError(
      `"${name}".local: its module is not evaluated on this thread. ` +
        'Import the module itself to call its functions here.',
    )
  }
  return make(definition, bound, { get }, 0)
}

/** What came as a value: made on the thread that it has come to. */
runtime().makeFunction ??= (definition, bound) => {
  const all: Bound = { ...UNBOUND, ...bound }
  return isEvaluatedHere(definition)
    ? makeFunction(definition, all, definition.fn)
    : makeRemoteFunction(definition, all)
}

/** `takes`: how many parameters without default it has. */
function make(definition: Definition, bound: Bound, local: PropertyDescriptor, takes: number): ParallelFunction {
  const task: BoundTask = { definition, bound, site: undefined }
  const thread = runtime()
  const pool = bound.pool ?? defaultPool
  const call = (...all: unknown[]): TaskHandle<unknown> => {
    const args = all.length === 3 ? withoutArray(all, takes) : all
    return thread.worker === undefined
      ? (pool[SUBMIT](task, args) as TaskHandle<unknown>)
      : spawn(task, args, thread.worker.submitter, rethrowLater)
  }
  const properties = {
    local,
    taskName: { value: bound.name ?? definition.name },
    name: { value: definition.name },
    with: {
      value: (options: TaskOptions) =>
        make(definition, bindTask(bound, options, `task "${definition.name}"`), local, takes),
    },
    [TASK]: { value: task },
  }
  return Object.defineProperties(call, properties) as unknown as ParallelFunction
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
  if (Object.isFrozen(Error)) return false // nobody can tell; what was passed is sent
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = CALLER + 1
  const { stack } = new Error('who calls?')
  Error.stackTraceLimit = stackTraceLimit
  return /^\s+at \w+\.\w+ \(<anonymous>\)$/.test(String(stack).split('\n')[CALLER + 1] ?? '')
}
/** Frames between this one and the caller's: withoutArray, the parallel function. */
const CALLER = 3
