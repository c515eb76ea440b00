/** Arrays whose memory all threads share: they travel by reference, whatever their size. */
import { wrong } from './checks.js'

type IntArray<B extends ArrayBufferLike> =
  | Int8Array<B>
  | Uint8Array<B>
  | Uint8ClampedArray<B>
  | Int16Array<B>
  | Uint16Array<B>
  | Int32Array<B>
  | Uint32Array<B>
export type NumberArray<B extends ArrayBufferLike = ArrayBufferLike> = IntArray<B> | Float32Array<B> | Float64Array<B>
export type BigIntArray<B extends ArrayBufferLike = ArrayBufferLike> = BigInt64Array<B> | BigUint64Array<B>
export type TypedArray<B extends ArrayBufferLike = ArrayBufferLike> = NumberArray<B> | BigIntArray<B>

/** The same kind of array, on shared memory. */
export type Shared<T> = T extends Int8Array
  ? Int8Array<SharedArrayBuffer>
  : T extends Uint8ClampedArray
    ? Uint8ClampedArray<SharedArrayBuffer>
    : T extends Uint8Array
      ? Uint8Array<SharedArrayBuffer>
      : T extends Int16Array
        ? Int16Array<SharedArrayBuffer>
        : T extends Uint16Array
          ? Uint16Array<SharedArrayBuffer>
          : T extends Int32Array
            ? Int32Array<SharedArrayBuffer>
            : T extends Uint32Array
              ? Uint32Array<SharedArrayBuffer>
              : T extends Float32Array
                ? Float32Array<SharedArrayBuffer>
                : T extends Float64Array
                  ? Float64Array<SharedArrayBuffer>
                  : T extends BigInt64Array
                    ? BigInt64Array<SharedArrayBuffer>
                    : T extends BigUint64Array
                      ? BigUint64Array<SharedArrayBuffer>
                      : never

/** What `Object.getPrototypeOf` of every class of typed arrays is. */
const TypedArrayClass = Object.getPrototypeOf(Uint8Array) as abstract new () => TypedArray

type Constructor = new (source: SharedArrayBuffer) => TypedArray

/**
 * An array of zeros that tasks share with their caller: what one writes the others see. Use `Atomics` where two may
 * write the same element.
 * @param length elements, 0 or more
 * @throws OptionError `ERR_PARALLEL_OPTION`
 * @example
 * const counts = sharedArray(Int32Array, 256)
 * await Promise.all(parts.map((part) => count(part, counts)))
 */
export function sharedArray<T extends TypedArray>(
  type: { readonly prototype: T; readonly BYTES_PER_ELEMENT: number },
  length: number,
): Shared<T> {
  if (typeof type !== 'function' || Object.getPrototypeOf(type) !== TypedArrayClass)
    throw wrong('sharedArray: type', type, 'a class of typed arrays, as Float64Array')
  if (!Number.isInteger(length) || length < 0) throw wrong('sharedArray: length', length, 'an integer, 0 or more')
  const memory = new SharedArrayBuffer(length * (type as { readonly BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT)
  return new (type as unknown as Constructor)(memory) as Shared<T>
}

/**
 * A copy of an array on shared memory; one that is there already is returned as it is. A Buffer becomes a Uint8Array, an array of a class of one's own what that extends.
 * @throws OptionError `ERR_PARALLEL_OPTION`
 * @example
 * const table = toShared(Float64Array.from(values)) // once; then every call passes it by reference
 */
export function toShared<T extends TypedArray>(array: T): Shared<T> {
  if (!(array instanceof TypedArrayClass)) throw wrong('toShared: array', array, 'a typed array')
  if (array.buffer instanceof SharedArrayBuffer) return array as unknown as Shared<T>
  // Of a class of the user's, or of Node's Buffer, what it extends.
  const type = Reflect.get(globalThis, array[Symbol.toStringTag]) as Constructor & {
    readonly BYTES_PER_ELEMENT: number
  }
  const shared = new type(new SharedArrayBuffer(array.byteLength))
  ;(shared as { set(from: unknown): void }).set(array)
  return shared as Shared<T>
}
