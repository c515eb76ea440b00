/**
 * What transformed code calls. `at` describes a step and is yielded; the machine takes the step when its turn has come and
 * sends back the result. What is no step is done at once.
 */
import type { Machine } from './machine.js'

/** The step that was described last: read by the machine before any other thread goes on. */
export const request = {
  site: 0,
  words: undefined as Int32Array | undefined,
  index: 0,
  a: 0,
  b: 0,
  promise: undefined as SettlingPromise | undefined,
}

let machine: Machine | undefined

export function setMachine(next: Machine): void {
  machine = next
}

export function at(site: number, words?: Int32Array, index = 0, a = 0, b = 0): typeof request {
  request.site = site
  request.words = words
  request.index = index
  request.a = a
  request.b = b
  return request
}

export function peek(site: number, words: Int32Array, index: number): number {
  return (machine as Machine).peek(site, words, index)
}

export function poke(site: number, words: Int32Array, index: number, value: number): void {
  ;(machine as Machine).poke(site, words, index, value)
}

export function peekDouble(site: number, doubles: Float64Array, index: number): number {
  return (machine as Machine).peekDouble(site, doubles, index)
}

export function pokeDouble(site: number, doubles: Float64Array, index: number, value: number): void {
  ;(machine as Machine).pokeDouble(site, doubles, index, value)
}

export function choose(site: number, count: number): typeof request {
  return at(site, undefined, 0, count)
}

export function nextDeath(site: number): typeof request {
  return at(site)
}

export function terminate(site: number, thread: number): typeof request {
  return at(site, undefined, 0, thread)
}

type Callback = (value: unknown) => unknown

/** What `waitAsync` promises in a model: its callbacks run, as steps of its thread, when the thread asks for it. */
export class SettlingPromise {
  readonly callbacks: Callback[] = []
  outcome: string | undefined

  then(callback: Callback): this {
    this.callbacks.push(callback)
    return this
  }
}

export function* settled(site: number, value: unknown): Generator<typeof request, unknown, unknown> {
  if (!(value instanceof SettlingPromise)) return value
  request.promise = value
  let result: unknown = yield at(site)
  for (const callback of value.callbacks) {
    result = callback(result)
    if (isGenerator(result)) result = yield* result
  }
  return result
}

/** One turn of a thread's event loop: waits until a promise of `waitAsync` is settled, and runs its callbacks. */
export function* turn(site: number): Generator<typeof request, number, unknown> {
  const promise = yield at(site)
  if (!(promise instanceof SettlingPromise)) return promise as number
  let result: unknown = promise.outcome
  for (const callback of promise.callbacks) {
    result = callback(result)
    if (isGenerator(result)) result = yield* result
  }
  return -1
}

/** A promise that the code under test makes and settles itself. */
export class OwnPromise {
  isSettled = false

  constructor(body: (resolve: () => void) => void) {
    body(() => {
      this.isSettled = true
    })
  }
}

export function* awaited(site: number, value: unknown): Generator<typeof request, unknown, unknown> {
  if (!(value instanceof OwnPromise)) return value
  while (!value.isSettled) yield* turn(site)
  return undefined
}

export function* invoke(_site: number, callback: () => unknown): Generator<typeof request, void, unknown> {
  const result = callback()
  if (isGenerator(result)) yield* result
}

export function isGenerator(value: unknown): value is Generator<typeof request, unknown, unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value && 'next' in value
}

export function checkpoint(site: number, ...variables: unknown[]): void {
  ;(machine as Machine).checkpoint(site, variables)
}

export class Violation extends Error {
  override readonly name = 'Violation'
}

export function expect(holds: boolean, what: string): void {
  if (!holds) throw new Violation(what)
}

export function note(words: Int32Array, index: number, by: number): number {
  return (machine as Machine).note(words, index, by)
}

export function noted(words: Int32Array, index: number): number {
  return (machine as Machine).noted(words, index)
}

/** The clock stands still: what depends on it is explored by time-outs and choices. */
export function now(): number {
  return 0
}
