/** Values that are moved to another thread rather than copied. */
import { mark } from '../workers/index.js'

/**
 * What can be moved: ArrayBuffer, MessagePort, streams, FileHandle, and what else `postMessage` takes in its transfer list. Which
 * it is shows at run time, so that no platform's types are needed.
 */
export type Transferable =
  | ArrayBuffer
  | { readonly locked: boolean }
  | { postMessage(value: any, ...rest: any[]): void; close(): void }

/**
 * Marks a value to be moved by the next call, or as the result of a task, that takes it along, at any depth; a view stands
 * for its buffer. Moving takes the same time whatever the size; the value is detached here as soon as the call is made.
 *
 * A mark stays until it has been used: a call that is refused has moved nothing.
 * @returns the same object
 * @throws PayloadError `ERR_PARALLEL_PAYLOAD` for what cannot be moved: shared memory (it travels by reference), a Buffer in
 * Node's pool, what has been moved already, plain objects
 * @example
 * const thumbnail = await resize(move(pixels), 128) // pixels.length is 0 now
 */
export function move<T extends Transferable | ArrayBufferView<ArrayBuffer>>(value: T): T {
  mark(value)
  return value
}
