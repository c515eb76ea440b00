/** Classes of errors that arrive as what they are. Under a registered symbol: all copies of the library know the same. */
const REGISTERED = Symbol.for('makeparallel.errors')

export type AnyErrorClass = new (...args: any[]) => Error

/** By the name under which they travel. */
export function registeredErrors(): Map<string, AnyErrorClass> {
  const global = globalThis as { [REGISTERED]?: Map<string, AnyErrorClass> }
  global[REGISTERED] ??= new Map()
  return global[REGISTERED]
}
