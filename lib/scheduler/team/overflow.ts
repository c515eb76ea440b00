/** Tasks in a submitter's heap, in order: added at the end, taken at both. Amortized constant time; one thread. */
export class Overflow {
  #tasks: number[] = []
  #head = 0

  get size(): number {
    return this.#tasks.length - this.#head
  }

  add(task: number): void {
    this.#tasks.push(task)
  }

  /** The oldest. There must be one, here and below. */
  first(): number {
    return this.#tasks[this.#head] as number
  }

  takeFirst(): number {
    const task = this.first()
    this.#head++
    if (this.#head === this.#tasks.length) this.clear()
    else if (this.#head > 1024 && this.#head * 2 > this.#tasks.length) {
      this.#tasks = this.#tasks.slice(this.#head)
      this.#head = 0
    }
    return task
  }

  takeLast(): number {
    const task = this.#tasks.pop() as number
    if (this.#head === this.#tasks.length) this.clear()
    return task
  }

  clear(): void {
    this.#tasks = []
    this.#head = 0
  }
}
