// What must and what must not compile: shared arrays and moves. What only TypeScript 5.9 and later tell apart: moves-exact.ts.
import { move, type ParallelFunction, type Pool, type Shared, sharedArray, toShared } from '../../lib/index.js'

declare const pool: Pool
declare const take: ParallelFunction<(bytes: Uint8Array) => number>
// As MessagePort and ReadableStream are, whatever platform's types there are.
declare const port: { postMessage(message: unknown): void; close(): void; ref(): void }
declare const stream: { readonly locked: boolean; cancel(): Promise<void> }

export const floats: Float64Array<SharedArrayBuffer> = sharedArray(Float64Array, 8)
export const bigs: BigInt64Array<SharedArrayBuffer> = sharedArray(BigInt64Array, 8)
export const copied: Uint8Array<SharedArrayBuffer> = toShared(new Uint8Array(8))
export const clamped: Shared<Uint8ClampedArray> = toShared(Uint8ClampedArray.of(1))
// @ts-expect-error: no typed array
sharedArray(DataView, 8)
// @ts-expect-error: another type
export const wrong: Int8Array<SharedArrayBuffer> = sharedArray(Float64Array, 8)
// @ts-expect-error: not an array of numbers on a buffer
toShared([1, 2])

export const bytes: Uint8Array<ArrayBuffer> = move(new Uint8Array(8))
export const buffer: ArrayBuffer = move(new ArrayBuffer(8))
export const movedPort: typeof port = move(port)
export const movedStream: typeof stream = move(stream)
// @ts-expect-error: a copy is all that there can be of it
move({ a: 1 })

void pool.run(take, [bytes], { transfer: [bytes.buffer, port, stream] })
// @ts-expect-error: only in one call's options
take.with({ transfer: [bytes.buffer] })
