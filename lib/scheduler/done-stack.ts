/**
 * Completions of children: an intrusive stack per submitting worker, linked through the slots themselves.
 *
 * Any executor pushes (lock-free); the submitter takes all at once (wait-free), so there is no ABA. After the push the
 * executor touches the slot no more, and only then may the submitter free it.
 */
import { compareExchange, exchange, load, peek, poke } from '#atomics'
import { NEXT, type TeamMemory } from './layout.js'

/** Words hold id + 1, so that 0 is the empty stack of fresh memory. */
const NONE = 0

export function pushDone(memory: TeamMemory, submitter: number, id: number): void {
  const words = memory.words
  const head = memory.done(submitter)
  const link = memory.slot(id) + NEXT
  for (;;) {
    const top = load(words, head)
    poke(words, link, top) // owned: the executor has the slot until the swap
    if (compareExchange(words, head, top, id + 1) === top) return // publish: the slot, to takeDone
  }
}

/** Appends the ids that were finished, oldest last, and returns how many. */
export function takeDone(memory: TeamMemory, submitter: number, into: number[]): number {
  const words = memory.words
  const head = memory.done(submitter)
  if (load(words, head) === NONE) return 0
  let link = exchange(words, head, NONE) // observe: everything pushed so far
  let count = 0
  while (link !== NONE) {
    into.push(link - 1)
    link = peek(words, memory.slot(link - 1) + NEXT) // owned: the submitter's since the exchange
    count++
  }
  return count
}

export function hasDone(memory: TeamMemory, submitter: number): boolean {
  return load(memory.words, memory.done(submitter)) !== NONE // observe: pushed by pushDone
}
