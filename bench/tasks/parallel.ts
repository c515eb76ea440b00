// The same tasks for this library, and one that spawns children.
import { move, parallel } from '../library.js'
import { functions } from './functions.js'

export const tasks = parallel(import.meta, {
  ...functions,

  /** As `pass`, without a copy. */
  passOn(value: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    return move(value)
  },

  /** Fork-join: a child for one branch, the other branch here. Below `cutoff` it recurses without children. */
  fib(n: number, cutoff: number): number {
    if (n < cutoff) return serialFib(n)
    const child = tasks.fib(n - 1, cutoff)
    const here: number = tasks.fib.local(n - 2, cutoff)
    return here + child.get()
  },
})

export function serialFib(n: number): number {
  return n < 2 ? n : serialFib(n - 1) + serialFib(n - 2)
}
