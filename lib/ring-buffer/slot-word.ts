/**
 * The word that decides everything about a slot: who may run it, who runs it, what became of it.
 *
 * The word that is compared holds all that decides, and a claim swaps exactly the word that it judged; whatever else
 * the slot holds is read after the swap. A generation that wrapped then costs order, never correctness. Lock-free.
 */
import { compareExchange, load } from '#atomics'
import { EMPTY } from './layout.js'

// What bits 0-2 of a slot's word say.
//
// from                  | event            | by            | to
// FREE                  | publish          | submitter     | QUEUED
// QUEUED                | claim            | any executor  | RUNNING
// QUEUED                | cancel           | submitter     | CANCELLED
// RUNNING               | complete         | its executor  | DONE
// RUNNING               | undo the claim   | its executor  | QUEUED
// RUNNING               | condemn          | its killer    | CONDEMNED
// RUNNING               | executor is dead | recovery      | LOST, or QUEUED when it may run again
// CONDEMNED             | executor is dead | recovery      | CANCELLED
// DONE, CANCELLED, LOST | free             | submitter     | FREE, next generation
//
// After the submitter's death, by recovery: RUNNING and CONDEMNED get the flag ORPHAN; what another has DONE and does not lie on the
// done stack is the successor's once that executor is done with it; all else is FREE. Then:
//
// RUNNING, ORPHAN            | complete         | its executor | FREE
// RUNNING, CONDEMNED, ORPHAN | executor is dead | recovery     | FREE
export const FREE = 0
export const QUEUED = 1
export const RUNNING = 2
export const DONE = 3
export const CANCELLED = 4
export const LOST = 5
export const CONDEMNED = 6
const STATE_MASK = 7

// Bits 3-8: the executor, or the one participant that may claim it; 9 and 10: flags; 11-29: the generation.
const EXECUTOR_SHIFT = 3
export const EXECUTOR_MASK = 63
/** Somebody waits on this very word: who changes the state notifies. */
export const WAITED = 1 << 9
/** The submitter is dead: the executor frees the slot, by completing or by its own death. */
export const ORPHAN = 1 << 10
const GENERATION_SHIFT = 11
export const GENERATION_BITS = 19

export function stateOf(word: number): number {
  return word & STATE_MASK
}

export function executorOf(word: number): number {
  return (word >>> EXECUTOR_SHIFT) & EXECUTOR_MASK
}

/** Counts how often the slot was freed, modulo 2^19. */
export function generationOf(word: number): number {
  return word >>> GENERATION_SHIFT
}

/** A word without flags; the generation may be one past the last. */
export function packState(state: number, executor: number, generation: number): number {
  return state | (executor << EXECUTOR_SHIFT) | ((generation & ((1 << GENERATION_BITS) - 1)) << GENERATION_SHIFT)
}

/** The same word in another state: executor, flags and generation stay. */
export function withState(word: number, state: number): number {
  return (word & ~STATE_MASK) | state
}

/** The same word claimed: flags and generation stay. */
export function claimedBy(word: number, executor: number): number {
  return (word & ~(STATE_MASK | (EXECUTOR_MASK << EXECUTOR_SHIFT))) | RUNNING | (executor << EXECUTOR_SHIFT)
}

/**
 * Claims what the slot at `offset` holds, if it is QUEUED: swaps exactly the word that was judged, so a slot that changed
 * in between is judged anew. Returns the new word, or EMPTY when there is nothing to claim. It never gives up on a lost
 * swap alone: a flag that was set meanwhile leaves the slot QUEUED, and its hint is in the caller's hand.
 */
export function tryClaim(words: Int32Array, offset: number, executor: number): number {
  for (;;) {
    const seen = load(words, offset) // observe: published by the submitter
    if (stateOf(seen) !== QUEUED) return EMPTY
    const claimed = claimedBy(seen, executor)
    if (compareExchange(words, offset, seen, claimed) === seen) return claimed // claim: against tryClaim, cancel, flags
  }
}
