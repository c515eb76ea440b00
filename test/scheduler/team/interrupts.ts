// Stops a piece of code before any of its atomic operations: to kill its thread there, or to let another one go first.

const STEPS = [
  'load',
  'store',
  'add',
  'and',
  'or',
  'exchange',
  'compareExchange',
  'wait',
  'waitAsync',
  'notify',
] as const

type Steps = Record<string, (...args: never[]) => unknown>

class Killed extends Error {}

/** Runs `act`, and `interrupt` before its step number `at`, counted from 0. Returns false when it has fewer steps. */
export function interruptedAt(at: number, act: () => void, interrupt: () => void): boolean {
  const atomics = Atomics as unknown as Steps
  const originals = STEPS.map((name) => atomics[name] as (...args: unknown[]) => unknown)
  let step = 0
  let done = false
  for (const [i, name] of STEPS.entries()) {
    atomics[name] = (...args: unknown[]) => {
      if (!done && step++ === at) {
        done = true
        interrupt()
      }
      return originals[i]!.apply(Atomics, args)
    }
  }
  try {
    act()
  } finally {
    for (const [i, name] of STEPS.entries()) atomics[name] = originals[i]!
  }
  return done
}

/** Runs `act` and kills its thread before its step number `at`. False when it has fewer steps, and all of it was run. */
export function killedAt(at: number, act: () => void): boolean {
  try {
    return interruptedAt(at, act, () => {
      throw new Killed()
    })
  } catch (error) {
    if (error instanceof Killed) return true
    throw error
  }
}
