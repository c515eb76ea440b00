// What must not compile, but does with TypeScript 5.7 and `lib: es2022`, to which shared memory and views look like an ArrayBuffer. `lib: es2024` tells them apart.
import type { MessagePort } from 'node:worker_threads'
import { move, type ParallelFunction, type Pool, sharedArray } from '../../lib/index.js'

declare const pool: Pool
declare const take: ParallelFunction<(bytes: Uint8Array) => number>
declare const bytes: Uint8Array<ArrayBuffer>
declare const port: MessagePort
declare const stream: ReadableStream<string>

export const movedPort: MessagePort = move(port)
export const movedStream: ReadableStream<string> = move(stream)
void pool.run(take, [bytes], { transfer: [port, stream] })
// @ts-expect-error: shared memory is not moved
move(sharedArray(Int8Array, 8))
// @ts-expect-error: shared memory is not moved
move(new SharedArrayBuffer(8))
// @ts-expect-error: a view is none; its buffer is
void pool.run(take, [bytes], { transfer: [bytes] })
