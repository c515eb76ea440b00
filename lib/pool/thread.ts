/** What kind of thread this is, for the public surface. */
import * as thread from '../workers/index.js'

/** True in the threads that this library started; a host may itself be a worker thread. */
export const isWorker: boolean = thread.isWorker
/** 1 … maxThreads in a worker, undefined on the host. */
export const workerId: number | undefined = thread.workerId
/** The pool's `workerData` option in a worker, undefined on the host. */
export const workerData: unknown = thread.workerData
