/** What the structures of lib/ring-buffer are when one thread uses them alone. */
import { EMPTY, RETRY } from '../../lib/ring-buffer/index.js'
import type { Operation, Specification } from './check.js'

type Items = readonly number[]

/** Of operations that answer yes or no. */
export const NO = 0
export const YES = 1

function same(a: Items, b: Items): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}

/**
 * Items that are pushed at the back, if there are fewer than `capacity`; taken one by one at the front (`steal`, `take`),
 * or at the back (`pop`), or as the older half at most (`takeInto`).
 *
 * EMPTY: there is none. RETRY leaves everything as it is; what else it promises is no matter of states: `retriesWithoutCause`.
 */
export function queueOf(capacity: number): Specification<Items> {
  return {
    initial: [],
    key: (items) => items.join(),
    apply(items, { name, argument, result }) {
      const [first] = result as [number]
      if (first === RETRY) return items
      if (name === 'push') {
        const isFull = items.length >= capacity
        if (first === NO) return isFull ? items : undefined
        return isFull ? undefined : [...items, argument]
      }
      if (first === EMPTY) return items.length === 0 ? items : undefined
      if (name === 'pop') return items.at(-1) === first ? items.slice(0, -1) : undefined
      if (name === 'takeInto' && result.length > (items.length + 1) >> 1) return undefined
      return same(items.slice(0, result.length), result) ? items.slice(result.length) : undefined
    },
  }
}

/**
 * RETRY says that another was faster: there must be one that took something meanwhile. `producer` remembers the front, so
 * for it that may have been any time before.
 */
export function retriesWithoutCause(history: readonly Operation[], producer?: number): Operation[] {
  const took = history.filter(({ name, result }) => name !== 'push' && (result[0] as number) >= 0)
  const isCause = (operation: Operation, other: Operation): boolean =>
    other.thread !== operation.thread &&
    other.call < operation.back &&
    (operation.call < other.back || operation.thread === producer)
  return history.filter(
    (operation) => operation.result[0] === RETRY && !took.some((other) => isCause(operation, other)),
  )
}

/** Blocks that come home: `push` by any thread, and `takeAll` by the owner, which gives the last one first. */
export const returned: Specification<Items> = {
  initial: [],
  key: (items) => items.join(),
  apply(items, { name, argument, result }) {
    if (name === 'push') return [...items, argument]
    return same([...items].reverse(), result) ? [] : undefined
  },
}

type States = ReadonlyMap<number, string>

/**
 * Slots by their refs, each of which names one use of a slot. Owner: `allocate`, `publish`, `free`. Claimants, by their
 * numbers: `claim` says yes to one of them, `complete` only to that one.
 */
export function slotsOf(count: number): Specification<States> {
  const set = (states: States, ref: number, state: string): States => new Map(states).set(ref, state)
  const inUse = (states: States): number => [...states.values()].filter((state) => state !== 'gone').length
  return {
    initial: new Map(),
    key: (states) => [...states].sort(([a], [b]) => a - b).join(' '),
    apply(states, { name, argument: ref, result, thread }) {
      const [answer] = result as [number]
      const state = states.get(ref)
      switch (name) {
        case 'allocate':
          if (answer === EMPTY) return inUse(states) === count ? states : undefined
          return states.has(answer) || inUse(states) === count ? undefined : set(states, answer, 'free')
        case 'publish':
          return state === 'free' ? set(states, ref, 'queued') : undefined
        case 'claim':
          if (answer === NO) return state === 'queued' ? undefined : states
          return state === 'queued' ? set(states, ref, `running ${thread}`) : undefined
        case 'complete':
          return state === `running ${thread}` ? set(states, ref, 'done') : undefined
        default: // free, which answers no while it is queued or running
          if (answer === NO) return state === 'queued' || state?.startsWith('running') ? states : undefined
          return state === 'done' ? set(states, ref, 'gone') : undefined
      }
    },
  }
}
