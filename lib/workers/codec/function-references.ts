/** Functions as values: the codec does not know which can travel, and is told by the layers that do. */

export interface FunctionValues {
  /** What a function is known by on other threads, as a value that can be carried; undefined: it stays here. */
  describe(value: object): unknown
  /** The function on this thread. @throws for what describes none */
  revive(description: unknown): unknown
}

let functions: FunctionValues = {
  describe: () => undefined,
  revive() {
    throw new RangeError('a function')
  },
}

export function carryFunctions(by: FunctionValues): void {
  functions = by
}

export function describeFunction(value: object): unknown {
  return functions.describe(value)
}

export function reviveFunction(description: unknown): unknown {
  return functions.revive(description)
}
