/**
 * How a worker asks the host for what a message alone can bring: the moved arguments of a task that it has claimed.
 *
 * A word per worker says for which slot. The host meets it where it looks for completions, posts the values, and clears the
 * word; so whoever sees 0 again has the message in its port. One question of a worker at a time. Wait-free; who does not want to
 * poll waits for the message itself, which wakes a sleeping thread anyway: a notify would be paid on top of that.
 */
import { and, compareExchange, load, or, store } from '#atomics'
import { EMPTY } from '../ring-buffer/index.js'
import { ringHost } from './idle.js'
import { ASKED, NOTICES, type TeamMemory, TOLD } from './layout.js'

// from   | event                                     | by       | to
// NONE   | has claimed a slot whose arguments move   | worker   | id + 1
// id + 1 | has posted its values                     | host     | NONE, by a swap
// id + 1 | has heard the message before that swap    | worker   | NONE or the next one's id + 1
// id + 1 | the worker has died                       | recovery | NONE
const NONE = 0

/** A worker's side. */
export class Asker {
  readonly #memory: TeamMemory
  readonly #words: Int32Array
  readonly #word: number

  constructor(memory: TeamMemory, worker: number) {
    this.#memory = memory
    this.#words = memory.words
    this.#word = memory.question(worker)
  }

  /** `id` is a slot that this worker has claimed. */
  ask(id: number): void {
    store(this.#words, this.#word, id + 1) // publish: before the notice, to askedBy
    or(this.#words, NOTICES, ASKED) // publish: before the look at the host's state, to takeQuestions
    ringHost(this.#memory)
  }

  /** What was asked for last has been posted to this thread. */
  isAnswered(): boolean {
    return load(this.#words, this.#word) === NONE // observe: answer
  }
}

/** Host: somebody has asked since the last call. Then it looks at every word. */
export function takeQuestions({ words }: TeamMemory): boolean {
  if ((load(words, NOTICES) & ASKED) === 0) return false // observe: set by ask
  and(words, NOTICES, ~ASKED) // claim: before the words are read, so that a question from here on is a new notice
  return true
}

/** Host: the slot that a worker asks for, or EMPTY. */
export function askedBy(memory: TeamMemory, worker: number): number {
  const word = load(memory.words, memory.question(worker)) // observe: ask
  return word === NONE ? EMPTY : word - 1
}

/** Host: the values of a slot have been posted. Whom the message has woken may have asked for the next already: that stays. */
export function answered(memory: TeamMemory, worker: number, id: number): void {
  compareExchange(memory.words, memory.question(worker), id + 1, NONE) // publish: the message, to isAnswered
}

/** Recovery: nobody hears an answer. A successor that claimed the same slot would be taken for who has asked. */
export function forgetQuestion(memory: TeamMemory, worker: number): void {
  store(memory.words, memory.question(worker), NONE) // publish: to a successor
}

/** A worker has posted what others may wait for: a host that is blocked, and so hears no 'message', reads its ports. */
export function tellHost(memory: TeamMemory): void {
  or(memory.words, NOTICES, TOLD) // publish: before the look at the host's state, to takeNews
  ringHost(memory)
}

/** A blocked host: a worker has posted something since the last call. */
export function takeNews({ words }: TeamMemory): boolean {
  if ((load(words, NOTICES) & TOLD) === 0) return false // observe: set by tellHost
  and(words, NOTICES, ~TOLD) // claim: before the ports are read
  return true
}
