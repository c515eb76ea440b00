/**
 * Decides what kind of thread this is, when the first copy of the library is evaluated in it, so before any code that
 * imports `isWorker`. Every thread that a pool starts is told by one of two records:
 *
 *   boot record in workerData | the library's own entry, or a bundle that contains the library | a worker from now on
 *   mark in environment data  | the entry that createWorker starts | a worker, which serve() starts once its modules are known
 *
 * A record of another protocol, or a worker of another one, makes the thread foreign: it is a worker, and starts nothing.
 */
import { TaskLoadError } from '../errors.js'
import { BOOT_KEY, type Boot, type ThreadMark } from './boot.js'
import type { Submitter } from './family.js'
import { clock, dropMark, markOf, startedWith } from './platform-node.js'
import { otherProtocol, PROTOCOL, runtime, type WorkerContext } from './registry.js'
import { startWorker } from './start-worker.js'

/** Does nothing when another copy, or the entry, has done it. */
export function adoptThread(): void {
  const state = runtime()
  if (state.worker !== undefined) return
  const boot = startedWith(BOOT_KEY) as Boot | undefined
  const mark = markOf(BOOT_KEY) as ThreadMark | undefined
  const record = boot ?? mark
  if (record === undefined) {
    const other = otherProtocol()
    if (other !== undefined) state.worker = idleContext('foreign', 0, undefined, foreignError(other))
  } else if (record.protocol !== PROTOCOL)
    state.worker = idleContext('foreign', Number(record.worker), record.workerData, foreignError(record.protocol))
  else if (boot !== undefined) void startWorker(boot, boot.workerData)
  else {
    dropMark(BOOT_KEY)
    state.worker = idleContext('marked', record.worker, record.workerData, undefined)
  }
}

/** A worker in which no task can be called. */
function idleContext(
  stage: 'marked' | 'foreign',
  workerId: number,
  workerData: unknown,
  error: (() => Error) | undefined,
): WorkerContext {
  return {
    stage,
    workerId,
    workerData,
    submitter: NOBODY,
    now: () => clock.now(),
    refuse: () => {}, // the entry fails by the error itself
    isEvaluating: () => {
      if (error !== undefined) throw error()
      return true // the entry imports its modules
    },
  }
}

/** `isEvaluating` has refused the call before. */
const NOBODY: Submitter = {
  family: undefined,
  now: () => clock.now(),
  cancel: () => false,
  isQueued: () => false,
  block: () => false,
  submit() {
    throw new TaskLoadError('no task can be called on this thread')
  },
}

function foreignError(protocol: number | string): () => Error {
  return () =>
    new TaskLoadError(
      `this thread is a worker of another version of makeparallel, whose protocol is ${protocol} where that of this copy is ` +
        `${PROTOCOL}: no task of this copy can be called here. Install one version for both (npm ls makeparallel).`,
    )
}
