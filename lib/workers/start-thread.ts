/** Starts one thread: with the library's own entry, or by the pool's `createWorker`. Host thread only. */
import { WorkerStartError } from '../errors.js'
import { BOOT_KEY, type Boot, type ThreadMark } from './boot.js'
import { entryFile, marking, Worker, type WorkerOptions } from './platform-node.js'

/** All that a pool needs of a worker. Where there is `on`, as in Node, 'exit' and 'error' are listened to. */
export interface WorkerLike {
  postMessage(value: unknown, transfer?: readonly any[]): void
  terminate(): unknown
}

export type CreateWorker = () => WorkerLike

/** A thread that was started. */
export interface StartedThread {
  /** The end of its thread is seen on its port, for it tells nobody. */
  readonly isSilent: boolean
  terminate(): unknown
}

interface Emitting {
  on?(event: string, listener: (value: any) => void): unknown
  unref?(): void
}

const known = new WeakSet<object>()

/**
 * @param onError what has killed it; comes before `onExit`
 * @throws WorkerStartError
 */
export function startThread(
  boot: Omit<Boot, 'bundle'>,
  options: WorkerOptions,
  createWorker: CreateWorker | undefined,
  onError: (error: unknown) => void,
  onExit: (code: number) => void,
): StartedThread {
  const worker = createWorker === undefined ? startOwn(boot, options) : startOther(boot, createWorker)
  const { on, unref } = worker as Emitting
  on?.call(worker, 'error', onError)
  on?.call(worker, 'exit', onExit)
  unref?.call(worker)
  return { isSilent: on === undefined, terminate: () => worker.terminate() }
}

function startOwn(boot: Omit<Boot, 'bundle'>, options: WorkerOptions): Worker {
  try {
    const { url, isBundle } = entryFile()
    const record: Boot = { ...boot, bundle: isBundle ? url.href : undefined }
    return new Worker(url, { ...options, workerData: { [BOOT_KEY]: record }, transferList: [boot.port] })
  } catch (cause) {
    const isDenied = (cause as { code?: unknown } | null)?.code === 'ERR_ACCESS_DENIED'
    const hint = isDenied ? '. The permission model is on: start node with --allow-worker, too' : ''
    throw new WorkerStartError(`a worker cannot be created: ${textOf(cause)}${hint}`, { cause })
  }
}

function startOther(boot: Omit<Boot, 'bundle'>, createWorker: CreateWorker): WorkerLike {
  const mark: ThreadMark = { protocol: boot.protocol, worker: boot.worker, workerData: boot.workerData }
  let worker: WorkerLike
  try {
    worker = marking(BOOT_KEY, mark, createWorker)
  } catch (cause) {
    throw new WorkerStartError(`createWorker threw: ${textOf(cause)}`, { cause })
  }
  const given = worker as unknown
  if (
    typeof given !== 'object' ||
    given === null ||
    !isMethod(worker, 'postMessage') ||
    !isMethod(worker, 'terminate')
  ) {
    const what =
      given instanceof Promise ? 'a promise' : typeof given === 'object' ? 'an object without them' : String(given)
    throw new WorkerStartError(
      `createWorker must return a Worker, with postMessage and terminate, at once; it returned ${what}`,
    )
  }
  if (known.has(worker))
    throw new WorkerStartError('createWorker returned the same worker again; make a new one in each call')
  known.add(worker)
  const record: Boot = { ...boot, bundle: undefined }
  try {
    worker.postMessage({ [BOOT_KEY]: record }, [boot.port])
  } catch (cause) {
    worker.terminate()
    throw new WorkerStartError(`the worker of createWorker does not take its boot record: ${textOf(cause)}`, { cause })
  }
  return worker
}

function isMethod(object: object, key: string): boolean {
  return typeof Reflect.get(object, key) === 'function'
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
