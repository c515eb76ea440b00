/**
 * The seam between the runtime and shared memory: the only user of the global Atomics.
 *
 * Imported as `#atomics`, so that a model checker can put its own scheduler in its place. Every function here is one
 * step of a thread; JavaScript's Atomics are sequentially consistent, so any execution is an interleaving of such steps.
 * `peek` and `poke` are plain accesses: they are legal only where a comment says who owns the word (`owned:`).
 */
export type WaitResult = 'ok' | 'not-equal' | 'timed-out'
export type AsyncWaitResult =
  | { readonly async: false; readonly value: 'not-equal' | 'timed-out' }
  | { readonly async: true; readonly value: Promise<'ok' | 'timed-out'> }

export function load(words: Int32Array, index: number): number {
  return Atomics.load(words, index)
}

export function store(words: Int32Array, index: number, value: number): void {
  Atomics.store(words, index, value)
}

/** Each read-modify-write returns the value before it. */
export function add(words: Int32Array, index: number, value: number): number {
  return Atomics.add(words, index, value)
}

export function and(words: Int32Array, index: number, value: number): number {
  return Atomics.and(words, index, value)
}

export function or(words: Int32Array, index: number, value: number): number {
  return Atomics.or(words, index, value)
}

export function exchange(words: Int32Array, index: number, value: number): number {
  return Atomics.exchange(words, index, value)
}

export function compareExchange(words: Int32Array, index: number, expected: number, replacement: number): number {
  return Atomics.compareExchange(words, index, expected, replacement)
}

/** Blocks this thread while `words[index] === expected`, at most `timeoutMs` (Infinity: for ever). */
export function wait(words: Int32Array, index: number, expected: number, timeoutMs: number): WaitResult {
  return Atomics.wait(words, index, expected, timeoutMs)
}

/** As `wait`, but this thread's event loop goes on. Keeps no thread alive (nodejs/node#44729). */
export function waitAsync(words: Int32Array, index: number, expected: number, timeoutMs: number): AsyncWaitResult {
  return Atomics.waitAsync(words, index, expected, timeoutMs) as AsyncWaitResult
}

/** A system call of 8-30 µs when a thread waits, about 30 ns when none does. */
export function notify(words: Int32Array, index: number, count: number): number {
  return Atomics.notify(words, index, count)
}

export function peek(words: Int32Array, index: number): number {
  return words[index] as number
}

export function poke(words: Int32Array, index: number, value: number): void {
  words[index] = value
}

export function peekDouble(doubles: Float64Array, index: number): number {
  return doubles[index] as number
}

export function pokeDouble(doubles: Float64Array, index: number, value: number): void {
  doubles[index] = value
}
