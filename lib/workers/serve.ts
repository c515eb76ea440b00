/** The entry `makeparallel/worker`: what a worker's own entry calls, in bundles and for embedders. */
import { OptionError, TaskLoadError } from '../errors.js'
import { adoptThread } from './adopt-thread.js'
import { BOOT_KEY, type Boot } from './boot.js'
import { onMessageWith } from './platform-node.js'
import { PROTOCOL, runtime } from './registry.js'
import { startWorker } from './start-worker.js'

adoptThread()

/**
 * Makes the thread a worker of the pool whose option `createWorker` has started it, with these modules: the keys are the
 * ids of `parallel(…, { id })` and `importTasks('id')`, the values module namespaces or objects of functions. Call it once the
 * modules are imported; what they ask of `isWorker` is true already.
 *
 * In a worker that the pool has started by itself it only adds the modules, so that a bundle may call it in either case.
 * @throws OptionError `ERR_PARALLEL_OPTION` for what is no module, for another module under an id, and in a thread that is
 * no worker. TaskLoadError `ERR_PARALLEL_TASK_LOAD` in a worker of another version
 * @example
 * // tasks.worker.js
 * import { serve } from 'makeparallel/worker'
 * import * as image from './image.js'
 * serve({ image })
 */
export function serve(modules: { readonly [id: string]: object }): void {
  if (typeof modules !== 'object' || modules === null) throw wrongModules(String(modules))
  const { served, worker } = runtime()
  if (worker === undefined) throw notAWorker()
  if (worker.stage === 'foreign') {
    worker.isEvaluating() // throws
    throw new TaskLoadError('serve(): this thread is a worker of another version of makeparallel')
  }
  for (const [id, module] of Object.entries(modules)) {
    if (typeof module !== 'object' || module === null) throw wrongModules(`${JSON.stringify(id)}: ${String(module)}`)
    const known = served.get(id)
    if (known !== undefined && known !== module)
      throw new OptionError(`serve(): another module is served as "${id}" already; give one of them another id`)
    served.set(id, module)
  }
  if (worker.stage !== 'marked' || isWaiting) return
  isWaiting = true
  onMessageWith(BOOT_KEY, (record) => {
    const boot = record as Boot
    if (boot.protocol !== PROTOCOL)
      throw new TaskLoadError(
        `serve(): the pool speaks protocol ${boot.protocol} of makeparallel, this copy ${PROTOCOL}`,
      )
    void startWorker(boot, worker.workerData)
  })
}
/** The boot record has been asked for. */
let isWaiting = false

function wrongModules(what: string): OptionError {
  return new OptionError(
    `serve() takes modules by their ids, not ${what}: import * as image from './image.js'; serve({ image })`,
  )
}

function notAWorker(): OptionError {
  return new OptionError(
    'serve(): this thread is no worker of a pool. It belongs into the entry of workers: ' +
      "new Pool({ createWorker: () => new Worker(new URL('./tasks.worker.js', import.meta.url)) }), where the Worker is made " +
      'in the call of createWorker and not before.',
  )
}
