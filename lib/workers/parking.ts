/**
 * How a worker waits without stopping its event loop: a waitAsync on its park word, of which there is at most one, or
 * news of its own (an async task that finished, a child that was spawned), whichever comes first.
 */
import { load, waitAsync } from '#atomics'

export class Parking {
  readonly #words: Int32Array
  readonly #park: number
  readonly #turn: () => Promise<void>
  #armed = false
  #hasNews = false
  #wake: (() => void) | undefined

  /** `turn` resolves after a turn of the event loop. */
  constructor(words: Int32Array, park: number, turn: () => Promise<void>) {
    this.#words = words
    this.#park = park
    this.#turn = turn
  }

  turn(): Promise<void> {
    return this.#turn()
  }

  /** This thread has something for the main loop. */
  news(): void {
    this.#hasNews = true
    this.#resume()
  }

  /** Resolves when the park word is not, or no longer, what this worker has made it (`Idle.rest`), or when there is news. */
  async wait(rest: number): Promise<void> {
    if (this.#hasNews) {
      this.#hasNews = false
      return
    }
    const resumed = new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#arm(rest)
    await resumed
    this.#hasNews = false
  }

  #arm(rest: number): void {
    if (this.#armed) {
      // The waiter of an earlier wait is still there, and a notification ends it whatever the word was.
      if (load(this.#words, this.#park) !== rest) this.#resume() // observe: a wake that came meanwhile
      return
    }
    const waiter = waitAsync(this.#words, this.#park, rest, Number.POSITIVE_INFINITY) // park: until rouse or unpark change the word
    if (!waiter.async) {
      this.#resume()
      return
    }
    this.#armed = true
    void waiter.value.then(() => {
      this.#armed = false
      this.#resume()
    })
  }

  #resume(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }
}
