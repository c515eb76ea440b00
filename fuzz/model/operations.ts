/**
 * What the script of a model's thread may do besides calling the library. A script is plain TypeScript; the transform
 * makes steps of these calls as it does of the library's atomic operations. None can run outside of the checker.
 */
import type { WaitResult } from '#atomics'

/** One of 0 … count - 1: all of them, each in an execution of its own. */
export function choose(_count: number): number {
  return outside()
}

/** What a promise of `waitAsync` resolves to, after its callbacks have run; any other value as it is. Lets other threads run. */
export function settled<T>(_value: T | Promise<T>): T {
  return outside()
}

/** Waits until a thread has died that was not reported yet; returns its number. */
export function nextDeath(): number {
  return outside()
}

/** As `worker.terminate()`: the thread with this number ends, now or later; a death of which `nextDeath` and `turn` tell. */
export function terminate(_thread: number): void {
  outside()
}

/** As `wait` without a limit, for a thread that would also be told of a death: then 'death', and `nextDeath` does not wait. */
export function waitOrDeath(_words: Int32Array, _index: number, _expected: number): WaitResult | 'death' {
  return outside()
}

/**
 * Waits until something that this thread has waited for with `waitAsync` has come, runs its callback, and returns -1; or, for
 * a script that `hearsDeaths`, until a thread has died that was not reported yet: its number.
 */
export function turn(): number {
  return outside()
}

/** For a loop that looks again and again: goes on when another thread has changed something. */
export function pause(): void {
  outside()
}

/** Calls what was passed on as a value: a callback that takes steps. */
export function invoke(_callback: () => void): void {
  outside()
}

/**
 * Says that what the script does from here on depends on its local variables and on the fields of `this` alone, not on
 * what it has seen before: two executions that agree in them are one. Only directly in a method `run`; the transform
 * adds the variables in sight.
 */
export function checkpoint(): void {
  outside()
}

/** Ends the execution as a failure, unless `holds`. No step. */
export function expect(_holds: boolean, _what: string): void {
  outside()
}

/** Adds to a word of the model's own bookkeeping, and returns the sum: part of the state, but no step and no race. */
export function note(_words: Int32Array, _index: number, _by: number): number {
  return outside()
}

/** Reads such a word. */
export function noted(_words: Int32Array, _index: number): number {
  return outside()
}

function outside(): never {
  throw new Error('only a script that was transformed for the checker can do this')
}
