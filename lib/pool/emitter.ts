/** Typed events. Listeners run in the order in which they were added; one that throws surfaces as an uncaught exception. */
// Listeners of all events in one map: which arguments one takes is checked where it is added.
type Listener = (...args: any[]) => void

export class Emitter<Events extends Record<keyof Events, unknown[]>> {
  readonly #listeners = new Map<keyof Events, { readonly listener: Listener; readonly once: boolean }[]>()

  add<E extends keyof Events>(event: E, listener: (...args: Events[E]) => void, once: boolean): void {
    const known = this.#listeners.get(event)
    if (known === undefined) this.#listeners.set(event, [{ listener, once }])
    else known.push({ listener, once })
  }

  remove<E extends keyof Events>(event: E, listener: (...args: Events[E]) => void): void {
    const known = this.#listeners.get(event)
    const index = known?.findIndex((entry) => entry.listener === listener) ?? -1
    if (index >= 0) known?.splice(index, 1)
  }

  /** False when nobody listens. */
  emit<E extends keyof Events>(event: E, ...args: Events[E]): boolean {
    const known = this.#listeners.get(event)
    if (known === undefined || known.length === 0) return false
    for (const { listener, once } of [...known]) {
      if (once) this.remove(event, listener)
      try {
        listener(...args)
      } catch (error) {
        rethrowLater(error)
      }
    }
    return true
  }
}

export function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
