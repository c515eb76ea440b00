/**
 * Which objects shall be moved rather than copied. A mark stays with its object until a call or a result takes the object
 * along; `transfer` marks for one call.
 *
 * Moving is done by the platform: what `postMessage` takes in its transfer list can be moved, and is detached here. The
 * moved values wait in this thread's heap, so a call that nobody has begun has lost nothing.
 */
import { types } from 'node:util'
import { PayloadError } from '../../errors.js'
import { isFixed, isPooled } from '../platform-node.js'
import { isRefusedItself } from './brands.js'

const marked = new WeakSet<object>()
/** Programs that move nothing look into no set. */
let hasMarks = false

/** @throws PayloadError `ERR_PARALLEL_PAYLOAD` for what cannot be moved */
export function mark(value: unknown): void {
  const target = ArrayBuffer.isView(value) ? value.buffer : value
  const why = value instanceof Buffer && isPooled(value) ? POOLED : whyNot(target)
  if (why !== undefined) throw new PayloadError(`move(): ${why}`)
  hasMarks = true
  marked.add(target as object)
}

export function isMarked(value: object): boolean {
  return hasMarks && marked.has(value)
}

/** Marks `transfer` for one call; returns what takes that back. @throws PayloadError */
export function markAll(transfer: readonly unknown[], task: string): () => void {
  const refuse = (index: number, why: string): never => {
    throw new PayloadError(`transfer[${index}] of task "${task}": ${why}`)
  }
  for (const [index, value] of transfer.entries()) {
    const why = ArrayBuffer.isView(value)
      ? 'a view: give its buffer, or pass move(view) as an argument.'
      : whyNot(value)
    if (why !== undefined) refuse(index, why)
    const first = transfer.indexOf(value)
    if (first !== index) refuse(index, `the same object as transfer[${first}].`)
  }
  const fresh = (transfer as readonly object[]).filter((value) => !marked.has(value))
  hasMarks = true
  for (const value of fresh) marked.add(value)
  return () => {
    for (const value of fresh) marked.delete(value)
  }
}

const POOLED =
  "a Buffer in Node's pool, whose memory other Buffers share. Copy it, as in move(Uint8Array.from(buffer)), or allocate it by Buffer.alloc()."

/** Why a value cannot be moved, now or ever; undefined: it can. */
export function whyNot(value: unknown): string | undefined {
  if (types.isArrayBuffer(value)) return whyNotNow(value)
  if (types.isSharedArrayBuffer(value)) return 'shared memory is not moved: pass it as it is, it travels by reference.'
  if (typeof value !== 'object' || value === null || !isTransferable(value))
    return `${describe(value)} cannot be moved. Buffers, their views, MessagePorts and streams can.`
  return whyNotNow(value)
}

/** Of what could be moved when it was marked. */
export function whyNotNow(value: object): string | undefined {
  if (types.isArrayBuffer(value) && isDetached(value))
    return 'a buffer that has been moved already. Whoever it was moved to has its bytes.'
  if (types.isArrayBuffer(value) && isFixed(value))
    return "memory that its owner does not let go of: Node's pool of Buffers, or what WebAssembly has. Copy it."
  if ((value as { locked?: unknown }).locked === true) return 'a stream that is locked: somebody reads or writes it.'
  return undefined
}

/** MessagePorts, streams, …: what cannot be cloned, and says that it could be transferred. What contains such says the same. */
export function isTransferable(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null || Array.isArray(value)) return false
  if (types.isAnyArrayBuffer(value) || ArrayBuffer.isView(value)) return false
  if (types.isMap(value) || types.isSet(value) || types.isNativeError(value)) return false
  try {
    structuredClone(value)
    return false
  } catch (error) {
    return /transfer/i.test(String(error)) && isRefusedItself(value)
  }
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null ? `a ${value.constructor?.name ?? 'plain object'}` : String(value)
}

/** An exception is the only way to tell an empty buffer from a detached one before Node 22, and costs more than a move. */
export function isDetached(buffer: ArrayBuffer & { readonly detached?: boolean }): boolean {
  if (buffer.byteLength > 0) return false
  if (buffer.detached !== undefined) return buffer.detached
  try {
    void new Uint8Array(buffer)
    return false
  } catch {
    return true
  }
}

/**
 * Detaches what is marked, and returns what it has become, in the same order. Views in the list keep their buffers.
 * @throws PayloadError for memory that cannot be detached, as that of WebAssembly
 */
export function detach(values: readonly object[]): readonly object[] {
  const transfers = transfersOf(values)
  const wereEmpty = transfers.map(isEmpty)
  const moved = structuredClone([...values], { transfer: transfers as ArrayBuffer[] })
  for (const [index, value] of transfers.entries()) {
    marked.delete(value)
    const isHere = types.isArrayBuffer(value) && (wereEmpty[index] ? !isDetached(value) : !isEmpty(value))
    if (isHere)
      throw new PayloadError(
        'a buffer that its owner does not let go of, as the memory of WebAssembly, cannot be moved',
      )
  }
  return moved
}

function isEmpty(value: object): boolean {
  return (value as ArrayBuffer).byteLength === 0
}

/** The transfer list for values that were moved once, and move on. */
export function transfersOf(values: readonly object[]): object[] {
  return [...new Set(values.map((value) => (ArrayBuffer.isView(value) ? value.buffer : value)))]
}
