/**
 * What remains of a dead worker. Host only, after the thread is known to touch no memory.
 *
 * It reads no ring: a death between any two operations may have left a hint in no ring or in two. The slots tell the
 * truth. Its calls: what the dead ran is lost; every queued slot is handed out again, for the hint may have died with the
 * worker, and a second hint does no harm; what the dead had submitted is withdrawn or becomes an orphan.
 */
import { and, compareExchange, load, notify, or, store } from '#atomics'
import {
  advance,
  CANCELLED,
  CONDEMNED,
  DONE,
  distance,
  executorOf,
  FREE,
  generationOf,
  LOST,
  ORPHAN,
  packState,
  QUEUED,
  RUNNING,
  stateOf,
  WAITED,
  withState,
} from '../ring-buffer/index.js'
import { takeDone } from './done-stack.js'
import { clearIdle, unparkAll } from './idle.js'
import { bitOf, LIVE, STATE, type TeamMemory } from './layout.js'
import { forgetQuestion } from './questions.js'

export interface Recovered {
  /** Slots of others that the dead was running: their state is LOST now, or CANCELLED if they were condemned. */
  readonly lost: readonly number[]
  /** Slots that are queued somewhere, perhaps nowhere: to be published again. */
  readonly queued: readonly number[]
  /** Slots of the dead that were done and are free now: it may not have read what they hold. Until a successor starts. */
  readonly unread: readonly number[]
}

export function recover(memory: TeamMemory, dead: number): Recovered {
  const { words } = memory
  const bit = bitOf(dead)
  and(words, LIVE, ~bit) // publish: nobody steals from it
  clearIdle(memory, dead)

  const lost: number[] = []
  const queued: number[] = []
  const unread: number[] = []
  // Children of the dead whose record has come: their executors are done with them.
  const recorded: number[] = []
  takeDone(memory, dead, recorded)
  const first = memory.slotsOf(dead)
  const end = first + memory.shape.workerSlots
  for (let id = 0; id < memory.slotCount; id++) {
    const offset = memory.slot(id) + STATE
    const own = id >= first && id < end
    for (;;) {
      const word = load(words, offset) // observe: whatever executors and submitters have decided so far
      const verdict = own
        ? withdraw(words, offset, word, dead, recorded.includes(id))
        : judge(words, offset, word, dead)
      if (verdict === AGAIN) continue
      if (verdict === WAS_LOST) {
        lost.push(id)
        if ((word & WAITED) !== 0) notify(words, offset, 1) // wake: a join that sleeps on this slot
      }
      if ((verdict === WAS_LOST || verdict === UNRECORDED) && id >= memory.hostSlots)
        or(words, deathsWord(memory, memory.submitterOf(id)), bit) // publish: look at your slots, to Children.tend
      if (verdict === WAS_QUEUED) queued.push(id)
      if (verdict === WAS_DONE) unread.push(id)
      break
    }
  }

  mendDeque(words, memory.dequeBottom(dead), memory.dequeTop(dead))
  forgetQuestion(memory, dead)

  unparkAll(memory, memory.workers)
  return { lost, queued, unread }
}

/**
 * A death inside `pop` leaves the bottom at the top or below it, while a thief that read it before may still be about to swap. Then
 * the top moves on by one, so that the swap is lost, and the bottom with it: the successor pushes where thieves look.
 */
function mendDeque(words: Int32Array, bottom: number, top: number): void {
  for (;;) {
    const found = load(words, top) // observe: thieves that are not done
    if (distance(load(words, bottom), found) > 0) return // what is in there are hints, and stays
    const next = advance(found, 1)
    if (compareExchange(words, top, found, next) !== found) continue // claim: against thieves
    store(words, bottom, next) // publish: empty
    return
  }
}

const NOTHING = 0
const AGAIN = 1
const WAS_LOST = 2
const WAS_QUEUED = 3
const UNRECORDED = 4
const WAS_DONE = 5

/** Word of a submitting worker: bits of the dead whose work it has to look after. */
export function deathsWord(memory: TeamMemory, submitter: number): number {
  return memory.done(submitter) + 1
}

/** A slot of somebody who lives. */
function judge(words: Int32Array, offset: number, word: number, dead: number): number {
  const state = stateOf(word)
  if (state === QUEUED) return WAS_QUEUED
  if (state === DONE && executorOf(word) === dead && (word & ORPHAN) === 0) {
    // Its record may have died unwritten. The mark tells its submitter not to wait for one; a successor's are unmarked.
    return compareExchange(words, offset, word, word | ORPHAN) === word ? UNRECORDED : AGAIN // claim: against its freeing
  }
  if ((state !== RUNNING && state !== CONDEMNED) || executorOf(word) !== dead) return NOTHING
  if ((word & ORPHAN) !== 0) return freed(words, offset, word) // whom it was for is dead too
  // What was condemned must not run again, begun or not. claim: against a joiner that sets a flag in the same word
  const lost = withState(word, state === CONDEMNED ? CANCELLED : LOST)
  return compareExchange(words, offset, word, lost) === word ? WAS_LOST : AGAIN
}

/**
 * A slot that the dead submitted: nobody waits for it any more. Every way out is a swap of the word that was judged: until
 * the slot is free, an executor that lives may be deciding it too, also one that is condemned and not dead yet.
 */
function withdraw(words: Int32Array, offset: number, word: number, dead: number, isRecorded: boolean): number {
  const state = stateOf(word)
  if (state === FREE) return NOTHING
  // Its executor lives, and is about to put it on the stack, or has done so and the dead took it off: the successor can tell
  // (PUSHING), and frees it. One that an executor died with is marked, and will not be pushed.
  if (state === DONE && executorOf(word) !== dead && !isRecorded && (word & ORPHAN) === 0) return NOTHING
  if ((state === RUNNING || state === CONDEMNED) && executorOf(word) !== dead) {
    if ((word & ORPHAN) !== 0) return NOTHING // left behind by a predecessor of the dead
    // claim: against the completion; from here on the executor frees it by completing, or its own recovery does
    return compareExchange(words, offset, word, word | ORPHAN) === word ? NOTHING : AGAIN
  }
  const verdict = freed(words, offset, word)
  return verdict === NOTHING && state === DONE ? WAS_DONE : verdict
}

/**
 * Flags and executor mean nothing in a free slot and go. The generation stays, for the next publication takes the next
 * one: an executor that judged this word before it was withdrawn swaps in vain, now and then.
 */
function freed(words: Int32Array, offset: number, word: number): number {
  const free = packState(FREE, 0, generationOf(word))
  // claim: against tryClaim; publish: to the successor, that scans for free slots
  return compareExchange(words, offset, word, free) === word ? NOTHING : AGAIN
}
