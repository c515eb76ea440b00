/**
 * Is a history of concurrent operations linearizable: is there one order of all of them that a sequential object allows,
 * and that keeps apart what did not overlap?
 *
 * The search of Wing and Gong ("Testing and verifying concurrent objects", JPDC 1993) with the memory of Lowe ("Testing for
 * linearizability", CCPE 2017): what was linearised, as a set, with the state that led to, is tried once.
 */
export interface Operation {
  readonly thread: number
  readonly name: string
  readonly argument: number
  /** What came back: items that were taken, in order, or one word that says why there are none. */
  readonly result: readonly number[]
  /** Readings of one counter that all threads share, before the operation and after it. */
  readonly call: number
  readonly back: number
}

export interface Specification<S> {
  readonly initial: S
  /** The state after it, or undefined when this state does not allow the operation with this result. */
  apply(state: S, operation: Operation): S | undefined
  /** Equal for equal states. */
  key(state: S): string
}

/** The set of what was linearised is a word. */
const MOST_OPERATIONS = 30

/** The operations in an order that the specification allows, or undefined: the history is not linearizable. */
export function linearize<S>(history: readonly Operation[], specification: Specification<S>): Operation[] | undefined {
  if (history.length > MOST_OPERATIONS) throw new RangeError(`${history.length} operations, at most ${MOST_OPERATIONS}`)
  const all = 2 ** history.length - 1
  const tried = new Set<string>()
  const order: Operation[] = []
  const search = (done: number, state: S): boolean => {
    if (done === all) return true
    const key = `${done} ${specification.key(state)}`
    if (tried.has(key)) return false
    tried.add(key)
    let firstBack = Number.POSITIVE_INFINITY
    history.forEach(({ back }, i) => {
      if ((done & (1 << i)) === 0) firstBack = Math.min(firstBack, back)
    })
    for (const [i, operation] of history.entries()) {
      // What was called after another had come back is not before it.
      if ((done & (1 << i)) !== 0 || operation.call > firstBack) continue
      const next = specification.apply(state, operation)
      if (next === undefined) continue
      order.push(operation)
      if (search(done | (1 << i), next)) return true
      order.pop()
    }
    return false
  }
  return search(0, specification.initial) ? order : undefined
}

/** Operations for a reader, in the order of their calls. */
export function describe(history: readonly Operation[]): string {
  const lines = [...history]
    .sort((a, b) => a.call - b.call)
    .map(
      ({ thread, name, argument, result, call, back }) =>
        `  ${call}-${back} thread ${thread}: ${name}(${argument}) = ${result}`,
    )
  return lines.join('\n')
}
