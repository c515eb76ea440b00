/** Parallel functions as values: they travel by what names them, and arrive as functions that can be called. */
export function describeFunction(_value: object): unknown {
  return undefined
}

export function reviveFunction(_description: unknown): unknown {
  throw new RangeError('a function')
}
