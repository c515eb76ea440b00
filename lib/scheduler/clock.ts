/** The clock of layers 0 and 1, in one place for the model checker to replace. Any thread; compare only within a thread. */
export function nowUs(): number {
  return performance.now() * 1000
}
