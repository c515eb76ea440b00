/** What kind of thread this is. Not imported by the worker entry, which says so before any user code is loaded. */
import { runtime } from './registry.js'

/** True in the threads that this library started; a host may itself be a worker thread. */
export const isWorker: boolean = runtime().worker !== undefined
/** 1 … maxThreads in a worker, undefined on the host. */
export const workerId: number | undefined = runtime().worker?.workerId
/** The pool's `workerData` option in a worker, undefined on the host. */
export const workerData: unknown = runtime().worker?.workerData
