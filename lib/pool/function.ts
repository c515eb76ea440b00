/** How a parallel function is made, and how a call of one becomes a task. */
import { TaskLoadError } from '../errors.js'
import { type Definition, runtime } from '../workers/index.js'
import { defaultPool } from './default-pool.js'
import { rethrowLater } from './emitter.js'
import { makeHandle, type TaskHandle } from './handle.js'
import { type Bound, bindTask, SUBMIT, type TaskOptions } from './options.js'
import { type AnyFunction, type BoundTask, type ParallelFunction, TASK } from './task.js'

export function makeFunction<F extends AnyFunction>(definition: Definition, bound: Bound, local: F): ParallelFunction<F> {
  const takesArray = local.length > 2
  const call = (...args: unknown[]): TaskHandle<unknown> =>
    start(definition, args.length === 3 && !takesArray ? withoutArray(args, local.length) : args, bound)
  const properties = {
    local: { value: local },
    taskName: { value: bound.name ?? definition.name },
    name: { value: definition.name },
    with: {
      value: (options: TaskOptions) =>
        makeFunction(definition, bindTask(bound, options, `task "${definition.name}"`), local),
    },
    [TASK]: { value: { definition, bound } satisfies BoundTask },
  }
  return Object.defineProperties(call, properties) as unknown as ParallelFunction<F>
}

/** A call: on the host a task of the pool, in a worker a child of the running task. */
export function start(definition: Definition, args: readonly unknown[], bound: Bound): TaskHandle<unknown> {
  const { worker } = runtime()
  if (worker === undefined) return (bound.pool ?? defaultPool)[SUBMIT](definition, args, bound) as TaskHandle<unknown>
  if (worker.isEvaluating())
    throw new TaskLoadError(
      `task "${definition.name}" is called while its module is being evaluated in a worker. ` +
        'A task module runs on the host and in every worker: keep what only the host shall do behind\n' +
        "  import { isWorker } from 'makeparallel'\n  if (!isWorker) { … }",
    )
  const handle = makeHandle(definition, args, bound, worker.submitter, worker.now(), rethrowLater)
  if (!handle.isSettled) worker.submitter.submit(handle)
  return handle as TaskHandle<unknown>
}


/** `items.map(fn)` calls fn(item, index, items): the array would travel with every item. */
function withoutArray(args: unknown[], takes: number): unknown[] {
  const [item, index, array] = args
  if (!Array.isArray(array) || typeof index !== 'number' || array[index] !== item) return args
  return takes === 2 ? [item, index] : [item]
}
