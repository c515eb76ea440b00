/**
 * The numbers of the shared buffers that this thread sends. A buffer is announced once, before the first slot that names it;
 * when this thread lets go of it, the others are told to. A number is its sender's: who passes a buffer on that it was
 * given has a number of its own for it, so that nobody relies on what another may give up.
 */
import type { Announcement } from './buffers.js'

/** What the sender needs of those that announce. */
export interface ReferenceAnnouncer {
  /** Makes a buffer known to the others; returns its number. */
  reference(value: object): number
  release(id: number): void
}

export class SharedBuffers {
  readonly #announcer: ReferenceAnnouncer
  readonly #numbers = new WeakMap<object, number>()
  readonly #values = new Map<number, WeakRef<object>>()
  readonly #registry = new FinalizationRegistry<number>((number) => {
    this.#values.delete(number)
    this.#announcer.release(number)
  })

  constructor(announcer: ReferenceAnnouncer) {
    this.#announcer = announcer
  }

  numberOf(value: object): number {
    const known = this.#numbers.get(value)
    if (known !== undefined) return known
    const number = this.#announcer.reference(value)
    this.#numbers.set(value, number)
    this.#values.set(number, new WeakRef(value))
    this.#registry.register(value, number)
    return number
  }

  /** A buffer that this thread has sent, and still has. */
  get(number: number): object | undefined {
    return this.#values.get(number)?.deref()
  }

  /** For a thread that starts. */
  *known(owner: number): Iterable<Announcement> {
    for (const [number, ref] of this.#values) {
      const value = ref.deref()
      if (value !== undefined) yield { reference: number, value, owner }
    }
  }
}
