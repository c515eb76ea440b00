/** Node's threads, event loop and clock: all that another runtime would have to provide. */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism, constants } from 'node:os'
import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as threads from 'node:worker_threads'
import {
  BroadcastChannel,
  getEnvironmentData,
  isMainThread,
  MessageChannel,
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  setEnvironmentData,
  Worker,
  type WorkerOptions,
  workerData,
} from 'node:worker_threads'

export type { MessagePort }
export { AsyncLocalStorage, BroadcastChannel, MessageChannel, Worker, type WorkerOptions }

/** This thread's clock. A global of Node is read through a getter each time: not on hot paths. */
export const clock = performance

/** A name that no application gives to a file of its own. */
const ENTRY = './makeparallel-worker.js'

/**
 * The file that a worker is started with: it lies beside this code, in the sources and in dist. If it doesn't, this code
 * has been bundled, or copied without it: then it is the very file that this code is in, which makes a worker of its thread
 * as soon as the library is evaluated there.
 *
 * The URL is not written as bundlers look for it: they would copy the entry and leave its chunks behind.
 * @throws Error when this code is in no file
 */
export function entryFile(): { readonly url: URL; readonly isBundle: boolean } {
  const own = ownFile()
  if (own?.protocol !== 'file:' || !existsSync(own))
    throw new Error(
      `makeparallel does not find the file that it is in, ${own ?? 'for its bundle names none'}; use createWorker`,
    )
  const url = new URL(ENTRY, own)
  return existsSync(url) ? { url, isBundle: false } : { url: own, isBundle: true }
}

/**
 * The file of this function, as the engine knows it. Bundlers leave `import.meta` empty (esbuild's CommonJS), or write into
 * it the file that they have read (webpack), and take `__filename` for a string that is not there (webpack's ES modules).
 */
function ownFile(): URL | undefined {
  const name = callingFile() ?? (import.meta.url as string | undefined)
  if (name === undefined) return undefined
  return isAbsolute(name) ? pathToFileURL(name) : new URL(name)
}

/** The file of the code that calls, or undefined where intrinsics are frozen. */
function callingFile(): string | undefined {
  if (Object.isFrozen(Error)) return undefined
  const { prepareStackTrace, stackTraceLimit } = Error
  try {
    Error.stackTraceLimit = 2
    Error.prepareStackTrace = (_error, sites) => sites[1]?.getFileName()
    return new Error().stack
  } finally {
    Error.prepareStackTrace = prepareStackTrace
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** What the thread was started with under `key` in its workerData, or undefined. */
export function startedWith(key: string): unknown {
  return isMainThread || typeof workerData !== 'object' || workerData === null
    ? undefined
    : Reflect.get(workerData, key)
}

/** Runs `create`, and marks every thread that it starts. */
export function marking<T>(key: string, mark: unknown, create: () => T): T {
  const before = getEnvironmentData(key)
  setEnvironmentData(key, mark as object)
  try {
    return create()
  } finally {
    setEnvironmentData(key, before)
  }
}

/** The mark of this thread, if it is another than the main one. */
export function markOf(key: string): unknown {
  return isMainThread ? undefined : getEnvironmentData(key)
}

/** Threads that this one starts shall not have its mark. */
export function dropMark(key: string): void {
  setEnvironmentData(key, undefined as never)
}

/** The first message from who started this thread that has `key`; keeps the thread alive until then. */
export function onMessageWith(key: string, visit: (value: unknown) => void): void {
  const listen = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !(key in message)) return
    parentPort?.off('message', listen)
    visit(Reflect.get(message, key))
  }
  parentPort?.on('message', listen)
}

/** Every message that has arrived on a port or channel, without a turn of the event loop. */
export function readPort<T>(port: MessagePort | BroadcastChannel, visit: (message: T) => void): void {
  for (;;) {
    const received = receiveMessageOnPort(port as MessagePort) as { message: T } | undefined
    if (received === undefined) return
    visit(received.message)
  }
}

/**
 * True once the thread at the other end of `port` has ended, without a turn of the event loop; what it had posted goes to
 * `visit` first, or its end would not be seen. The post always throws,
 * for a symbol cannot be cloned; but the transfer list is looked at first, and of a port whose peer is gone it says that
 * it is detached. An accident of the platform: test/workers/platform.test.ts is its canary.
 */
export function isPeerGone<T>(port: MessagePort, visit: (message: T) => void = () => {}): boolean {
  readPort(port, visit)
  return /already detached/.test(refusalOf(port))
}

/** What the platform says to a value in a transfer list that is never transferred. */
function refusalOf(value: object): string {
  const { stackTraceLimit } = Error
  if (!Object.isFrozen(Error)) Error.stackTraceLimit = 0 // the stack is what takes long
  try {
    probe.postMessage(Symbol('never sent'), [value as MessagePort])
  } catch (error) {
    return String(error)
  } finally {
    if (!Object.isFrozen(Error)) Error.stackTraceLimit = stackTraceLimit
  }
  return ''
}
const probe = new MessageChannel().port1

// Since Node 22. Before, the pool was copied when it was to be transferred, and so was what WebAssembly has. Asked for by name
// at run time: a bundler would make an import of it, which Node 20 refuses.
const isMarkedAsUntransferable: ((value: object) => boolean) | undefined = Reflect.get(
  threads,
  'isMarkedAsUntransferable',
)

/** Whether others have views of a Buffer's memory, for it is in Node's pool. */
export function isPooled({ buffer, length }: Buffer): boolean {
  if (isMarkedAsUntransferable !== undefined) return isMarkedAsUntransferable(buffer)
  return buffer.byteLength === Buffer.poolSize && length < Buffer.poolSize
}

/** Whether a buffer's owner does not let go of it: Node's pool, WebAssembly, whose memory comes in pages. Node 20 does not say. */
export function isFixed(buffer: ArrayBuffer): boolean {
  if (isMarkedAsUntransferable?.(buffer)) return true
  return buffer.byteLength % WEB_ASSEMBLY_PAGE === 0 && /unsupported type/.test(refusalOf(buffer))
}
const WEB_ASSEMBLY_PAGE = 65_536

/**
 * Added to this thread's `performance.now()` gives milliseconds on a clock that all threads of the process share. The
 * best of a few tries: the first call of either clock in a thread takes a millisecond.
 */
export function clockOffset(): number {
  let narrowest = Number.POSITIVE_INFINITY
  let offset = 0
  for (let i = 0; i < CLOCK_TRIES; i++) {
    const before = performance.now()
    const shared = Number(process.hrtime.bigint()) / 1e6
    const width = performance.now() - before
    if (width >= narrowest) continue
    narrowest = width
    offset = shared - before - width / 2
  }
  return offset
}
const CLOCK_TRIES = 16

/** The context in which this module was loaded: a pool that is started while a request is served must not carry it. */
const ROOT = new AsyncResource('MakeParallel')

/** Runs a callback in no async context but that of the process: what it carries ends here. */
export function inNoContext<T>(callback: () => T): T {
  return ROOT.runInAsyncScope(() => new AsyncResource('MakeParallelTask')).runInAsyncScope(callback)
}

/** Callbacks in later turns of the event loop, outside the context of whatever request is being served. */
export class Turns {
  readonly #resource: AsyncResource
  readonly #keepAlive: NodeJS.Timeout
  #holds = 0

  constructor(name: string) {
    this.#resource = ROOT.runInAsyncScope(() => new AsyncResource(name, { requireManualDestroy: true }))
    this.#keepAlive = this.#resource.runInAsyncScope(() => setInterval(() => {}, 0x7fffffff))
    this.#keepAlive.unref()
  }

  /** After I/O of the next turn. */
  next(callback: () => void): void {
    this.#resource.runInAsyncScope(setImmediate, undefined, callback)
  }

  /** After `ms`; keeps no process alive. */
  later(callback: () => void, ms: number): NodeJS.Timeout {
    const timer = this.#resource.runInAsyncScope(setTimeout, undefined, callback, ms) as NodeJS.Timeout
    return timer.unref()
  }

  /** Runs a callback outside of the caller's context. */
  outside<T>(callback: () => T): T {
    return this.#resource.runInAsyncScope(callback)
  }

  /** Keeps the process alive until as many calls of `letGo` have come. */
  hold(): void {
    if (this.#holds++ === 0) this.#keepAlive.ref()
  }

  letGo(): void {
    if (--this.#holds === 0) this.#keepAlive.unref()
  }

  close(): void {
    clearInterval(this.#keepAlive)
    this.#resource.emitDestroy()
  }
}

/** Listens for a signal of this process; the result ends that. Undefined when there is no such signal, or none to hear. */
export function onSignal(signal: string, listener: () => void): (() => void) | undefined {
  if (!Object.hasOwn(constants.signals, signal)) return undefined
  try {
    process.on(signal, listener)
  } catch {
    return undefined // SIGKILL
  }
  return () => void process.off(signal, listener)
}

/** Lets a signal have its usual effect on this process; nothing when somebody listens, who has heard it already. */
export function signalSelf(signal: string): void {
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
}

/** Cores that this process may use: what the scheduler offers, less a cgroup's quota. */
export function availableCores(): number {
  const cores = availableParallelism()
  try {
    const [quota, period] = readFileSync('/sys/fs/cgroup/cpu.max', 'utf8').trim().split(' ')
    if (quota === undefined || quota === 'max') return cores
    return Math.max(1, Math.min(cores, Math.floor(Number(quota) / Number(period))))
  } catch {
    return cores // no cgroup v2 here
  }
}

/** Binds a callback to the async context that it is given in. */
export function inThisContext<A extends unknown[]>(callback: (...args: A) => void): (...args: A) => void {
  return AsyncResource.bind(callback as (...args: unknown[]) => void)
}

/** In a process that Vitest or Jest has started. */
export const inTestRunner: boolean = 'VITEST' in process.env || 'JEST_WORKER_ID' in process.env

/** `__filename` of a CommonJS module, rather than a URL. */
export function isPath(source: string): boolean {
  return isAbsolute(source)
}

export function urlOfPath(path: string): string {
  return pathToFileURL(path).href
}
