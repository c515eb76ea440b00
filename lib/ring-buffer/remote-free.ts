/**
 * Stack of blocks that come home: any thread pushes a block that it is done with, the owner takes all of them at once.
 *
 * Pushing: lock-free. Taking: wait-free. The link lies in the block's first word, so the stack needs no room of its own.
 * Treiber's stack without its pop, and so without ABA: a head that went away and came back is the head that the link
 * names. A thread that dies between link and swap loses that one block, nothing else.
 */
import { compareExchange, exchange, load, peek, poke } from '#atomics'

/** Ends a chain; no block begins at word 0, which is the header's. */
export const NO_BLOCK = 0

export class RemoteFreeStack {
  readonly #words: Int32Array
  readonly #head: number

  /** `head` is a word offset into `words`, as blocks are; that word is NO_BLOCK in a fresh region. */
  constructor(words: Int32Array, head: number) {
    this.#words = words
    this.#head = head
  }

  /** Any thread, once per block: a second push of the same block would close the chain to a ring. */
  push(block: number): void {
    const words = this.#words
    let first = load(words, this.#head) // observe: pushed by others, or taken away (takeAll)
    for (;;) {
      poke(words, block, first) // owned: nobody else reaches the block before the swap
      const found = compareExchange(words, this.#head, first, block) // publish: block and link, to takeAll
      if (found === first) return
      first = found
    }
  }

  /** Owner only: the block pushed last, at the head of a chain that is the caller's alone, or NO_BLOCK. */
  takeAll(): number {
    if (load(this.#words, this.#head) === NO_BLOCK) return NO_BLOCK // an exchange would pull the line for nothing
    return exchange(this.#words, this.#head, NO_BLOCK) // observe: everything pushed so far
  }

  /** Owner only: the block that was pushed before `block`, or NO_BLOCK. Read it before the block is used again. */
  next(block: number): number {
    return peek(this.#words, block) // owned: since takeAll
  }
}
