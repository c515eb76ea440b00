/** What kind of thread this is. */
import { adoptThread } from './adopt-thread.js'
import { runtime } from './registry.js'

adoptThread()

/** True in the threads that this library started; a host may itself be a worker thread. */
export const isWorker: boolean = runtime().worker !== undefined
/** 1 … maxThreads in a worker, undefined on the host. */
export const workerId: number | undefined = runtime().worker?.workerId
/** The pool's `workerData` option in a worker, undefined on the host. */
export const workerData: unknown = runtime().worker?.workerData
