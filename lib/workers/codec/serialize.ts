/**
 * Everything that structured clone knows, by the platform's own serializer. Two kinds of value leave it aside: those
 * with a SharedArrayBuffer inside (the deserializer of Node has no way to resolve one) and host objects (Blob,
 * KeyObject, …); they travel as messages, which clone exactly as structuredClone does.
 */
import { Deserializer, Serializer } from 'node:v8'
import { PayloadError } from '../../errors.js'

/** A snapshot of a value, taken when the call was made: bytes, or a clone to be posted. */
export type Snapshot =
  | { readonly bytes: Uint8Array; readonly message: undefined }
  | { readonly bytes: undefined; readonly message: { readonly value: unknown } }

const NEEDS_MESSAGE = new Error('only a message can carry this value')

class ValueSerializer extends Serializer {
  _getSharedArrayBufferId(): number {
    throw NEEDS_MESSAGE
  }
  _writeHostObject(): void {
    throw NEEDS_MESSAGE
  }
  _getDataCloneError(message: string): Error {
    return new TypeError(message)
  }
}

/**
 * @param root what the value is called in an error: `args` or `result`
 * @throws PayloadError `ERR_PARALLEL_PAYLOAD` naming the path of what cannot be cloned
 */
export function snapshot(value: unknown, root: string, task: string): Snapshot {
  if (holdsSignal(value, SIGNAL_DEPTH))
    throw payloadError(new TypeError('an AbortSignal would arrive as {}'), value, root, task)
  try {
    const serializer = new ValueSerializer()
    serializer.writeHeader()
    serializer.writeValue(value)
    return { bytes: serializer.releaseBuffer(), message: undefined }
  } catch (error) {
    if (error !== NEEDS_MESSAGE) throw payloadError(error, value, root, task)
  }
  try {
    return { bytes: undefined, message: { value: structuredClone(value) } }
  } catch (error) {
    throw payloadError(error, value, root, task)
  }
}

/** Structured clone makes a plain {} of an AbortSignal and says nothing. Looked for where people put one. */
function holdsSignal(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (value instanceof AbortSignal) return true
  if (depth === 0 || ArrayBuffer.isView(value) || (Array.isArray(value) && value.length > MOST_LOOKED_AT)) return false
  for (const key of Object.keys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key) // a getter is not run twice
    if (property !== undefined && 'value' in property && holdsSignal(property.value, depth - 1)) return true
  }
  return false
}
/** The arguments, an argument, an option of it. */
const SIGNAL_DEPTH = 3
const MOST_LOOKED_AT = 64

/** The value of a snapshot: a copy of its own where it was taken as bytes. */
export function restored(taken: Snapshot): unknown {
  return taken.bytes === undefined ? taken.message.value : deserialize(taken.bytes)
}

export function deserialize(bytes: Uint8Array): unknown {
  const deserializer = new Deserializer(bytes)
  deserializer.readHeader()
  return deserializer.readValue()
}

function payloadError(error: unknown, value: unknown, root: string, task: string): unknown {
  const culprit = locate(value, root)
  if (culprit === undefined) {
    // Not ours to explain: a getter that threw, a value too large.
    const why = error instanceof Error ? error.message : String(error)
    return new PayloadError(`${root} of task "${task}" cannot be carried to another thread: ${why}`, { cause: error })
  }
  return new PayloadError(
    `${culprit.path} of task "${task}" is ${culprit.what}, which cannot be carried to another thread. ${culprit.wayOut}`,
    { cause: error },
  )
}

/** Undefined too where the value is nested deeper than this thread's stack. */
function locate(value: unknown, root: string): Culprit | undefined {
  try {
    return findCulprit(value, root, new Set())
  } catch {
    return undefined
  }
}

interface Culprit {
  readonly path: string
  readonly what: string
  readonly wayOut: string
}

function findCulprit(value: unknown, path: string, seen: Set<object>): Culprit | undefined {
  if (typeof value === 'function')
    return {
      path,
      what: `a function (${value.name || 'anonymous'})`,
      wayOut: 'Import it in the task module, or pass what it needs as data.',
    }
  if (typeof value === 'symbol') return { path, what: `a symbol (${String(value)})`, wayOut: 'Pass a string instead.' }
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined
  seen.add(value)
  if (value instanceof Promise) return { path, what: 'a promise', wayOut: 'Await it before the call.' }
  if (value instanceof AbortSignal)
    return { path, what: 'an AbortSignal', wayOut: 'Cancel through the handle that the call returns.' }
  for (const type of [WeakMap, WeakSet, WeakRef]) {
    if (value instanceof type)
      return { path, what: `a ${type.name}`, wayOut: 'Pass its contents as a Map or an array.' }
  }
  if (value instanceof Map) {
    for (const [key, item] of value) {
      const found =
        findCulprit(key, `${path}.keys(${label(key)})`, seen) ?? findCulprit(item, `${path}.get(${label(key)})`, seen)
      if (found !== undefined) return found
    }
  } else if (value instanceof Set) {
    let index = 0
    for (const item of value) {
      const found = findCulprit(item, `[...${path}][${index++}]`, seen)
      if (found !== undefined) return found
    }
  }
  if (ArrayBuffer.isView(value)) return undefined
  for (const key of Object.keys(value)) {
    const step = Array.isArray(value)
      ? `[${key}]`
      : /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key)
        ? `.${key}`
        : `[${JSON.stringify(key)}]`
    const property = Object.getOwnPropertyDescriptor(value, key)
    const found = property && 'value' in property ? findCulprit(property.value, path + step, seen) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

function label(key: unknown): string {
  return typeof key === 'string' ? JSON.stringify(key) : typeof key === 'object' ? '{…}' : String(key)
}
