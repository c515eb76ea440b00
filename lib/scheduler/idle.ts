/**
 * Who searches, who sleeps, and why no wake-up is lost: the protocol of README.md, for one participant.
 *
 * Three masks with a bit per worker: SEARCHING (looks for work, or was woken to look), SLEEPING (parked, may be woken
 * and then counts as a searcher), LISTENING (parked with async tasks in flight: may be woken, never counts). Masks, not
 * counters, so that the bit of a dead worker can be cleared. Lock-free; nothing here blocks but `consume`.
 */
import { add, and, compareExchange, load, notify, or, store, wait } from '#atomics'
import {
  BELL,
  BLOCK_BELL,
  bitOf,
  countWorkers,
  HOST_AWAKE,
  HOST_PARKED,
  HOST_STATE,
  LISTENING,
  LIVE,
  lowestWorker,
  SEARCHING,
  SLEEPING,
} from './layout.js'

/** What this protocol needs of a memory map: the words that layout.ts names, and a park word for each participant. */
export interface ParkMap {
  readonly words: Int32Array
  park(participant: number): number
}

/** Wakes at most one sleeping worker, and none while somebody searches. Anybody may call it. */
export function wakeOne(memory: ParkMap): boolean {
  const words = memory.words
  for (;;) {
    if (load(words, SEARCHING) !== 0) return false // observe: a searcher looks again before it parks
    const sleeping = load(words, SLEEPING) // observe: set before the last look of who parks
    if (sleeping === 0) return wakeListener(memory)
    if (tryWake(memory, sleeping & -sleeping)) return true
  }
}

/** Wakes one sleeper whatever SEARCHING says: for a backlog that nobody has touched for a while. */
export function wakeRegardless(memory: ParkMap): boolean {
  const words = memory.words
  for (;;) {
    const sleeping = load(words, SLEEPING) // observe: set before the last look of who parks
    if (sleeping === 0) return wakeListener(memory)
    if (tryWake(memory, sleeping & -sleeping)) return true
  }
}

/** False when another was faster, or when the sleeper has died: look again. */
function tryWake(memory: ParkMap, bit: number): boolean {
  const words = memory.words
  if ((and(words, SLEEPING, ~bit) & bit) === 0) return false // claim: the token of this sleeper
  or(words, SEARCHING, bit) // publish: it searches from now on, to every waker
  if ((load(words, LIVE) & bit) === 0) {
    // observe: recover clears LIVE, then SEARCHING: the mark came after that, and nobody would ever clear it
    and(words, SEARCHING, ~bit) // publish: nobody relies on its looking
    return false
  }
  sendToken(memory, lowestWorker(bit))
  return true
}

function wakeListener(memory: ParkMap): boolean {
  const words = memory.words
  for (;;) {
    const listening = load(words, LISTENING) // observe: set before the last look of who parks
    if (listening === 0) return false
    const bit = listening & -listening
    if ((and(words, LISTENING, ~bit) & bit) === 0) continue // claim: this listener, uncounted
    sendToken(memory, lowestWorker(bit))
    return true
  }
}

// Bits of a park word. A worker waits while the word is 0.
/** Something for this worker alone: a child that completed, a recovery. */
const NEWS = 1
/** Follows a bit that was taken out of SLEEPING or LISTENING; for a sleeper, its SEARCHING bit is set by now. */
const TOKEN = 2

/** Wakes one given participant for news of its own. */
export function unpark(memory: ParkMap, participant: number): void {
  const park = memory.park(participant)
  or(memory.words, park, NEWS) // wake: to park
  notify(memory.words, park, 1) // wake: whoever waits on it
}

/** The token that follows a bit taken out of a mask; a recovery hands one to everybody, for one may have been lost. */
export function sendToken(memory: ParkMap, participant: number): void {
  const park = memory.park(participant)
  or(memory.words, park, TOKEN) // wake: to park and to consume
  notify(memory.words, park, 1) // wake: whoever waits on it
}

/** Rings the host if it is parked or blocked. Call it after the completion was published. */
export function ringHost(memory: ParkMap): void {
  const words = memory.words
  const state = load(words, HOST_STATE) // observe: set before the host's last look
  if (state === HOST_AWAKE) return
  if (compareExchange(words, HOST_STATE, state, HOST_AWAKE) !== state) return // claim: the one ring
  const bell = state === HOST_PARKED ? BELL : BLOCK_BELL
  add(words, bell, 1) // wake: the word differs from what the host has seen
  notify(words, bell, 1) // wake: the host
}

/** The idle states of one worker. */
export class Idle {
  readonly #memory: ParkMap
  readonly #words: Int32Array
  readonly #bit: number
  readonly #park: number
  readonly #maxSearchers: number
  #searching = false

  constructor(memory: ParkMap, worker: number, maxSearchers: number) {
    this.#memory = memory
    this.#words = memory.words
    this.#bit = bitOf(worker)
    this.#park = memory.park(worker)
    this.#maxSearchers = maxSearchers
  }

  get isSearching(): boolean {
    return this.#searching
  }

  /** Sets the own bit in SEARCHING. False when enough others search already: look once more, then park. */
  startSearch(): boolean {
    if (!this.#searching) {
      this.#searching = true
      or(this.#words, SEARCHING, this.#bit) // publish: wakers may leave the sleepers alone
    }
    const searching = load(this.#words, SEARCHING)
    return searching === this.#bit || countWorkers(searching) <= this.#maxSearchers
  }

  /** Found work that takes a while. Returns true when this was the last searcher: look for more and wake one. */
  stopSearch(): boolean {
    if (!this.#searching) return false
    this.#searching = false
    return (and(this.#words, SEARCHING, ~this.#bit) & ~this.#bit) === 0 // publish: no longer counted, to wakeOne
  }

  /** First half of parking. The caller then looks at every queue again. `mask` is SLEEPING or LISTENING. */
  prepare(mask: number): void {
    store(this.#words, this.#park, 0) // park: no token yet; one that comes from here on is seen by wait
    or(this.#words, mask, this.#bit) // publish: may be woken, before the second look
    this.#searching = false
    and(this.#words, SEARCHING, ~this.#bit) // publish: no longer counted, before the second look; SLEEPING may come first or second
  }

  /**
   * Second half, when that look found work, and on every return from a wait: takes the own bit back. Somebody else took
   * it first: the token is on its way and is consumed. In both cases this worker searches afterwards.
   */
  restore(mask: number): void {
    if ((and(this.#words, mask, ~this.#bit) & this.#bit) !== 0) {
      return // claim: own token taken back; it searches on its own account
    }
    this.#consume(Number.POSITIVE_INFINITY)
    // The waker set our bit in SEARCHING; a listener's is not set.
    if (mask === SLEEPING) this.#searching = true
  }

  /**
   * As `restore` of SLEEPING, for a participant that may itself be the one to recover the sender of its token: waits about
   * `limitMs` for it. A token that comes later is taken in by `collect`.
   */
  tryRestore(limitMs: number): void {
    if ((and(this.#words, SLEEPING, ~this.#bit) & this.#bit) !== 0) return // claim: own token taken back
    this.#consume(limitMs)
    and(this.#words, this.#park, ~TOKEN) // owned: taken in; one that comes from here on is another
    this.#searching = true
  }

  /**
   * Takes in a token that came late, or the true one after a recovery's was taken for it: its sender has set the bit in
   * SEARCHING, and `stopSearch` clears it. For who uses `tryRestore`.
   */
  collect(): void {
    if ((load(this.#words, this.#park) & TOKEN) === 0) return // observe: sent by sendToken
    and(this.#words, this.#park, ~TOKEN) // owned: taken in
    this.#searching = true
  }

  /**
   * Waits for a token that its sender has announced by taking the bit: a few instructions away, or its sender is dead
   * and a recovery hands out tokens to all. Gives up after about `limitMs`.
   */
  #consume(limitMs: number): void {
    for (let waits = 0; ; waits++) {
      const word = load(this.#words, this.#park) // observe: sent by sendToken
      if ((word & TOKEN) !== 0 || waits >= limitMs) return
      wait(this.#words, this.#park, word, 1) // park: bounded, for the async waiter of this word may be woken instead
    }
  }

  /** Before a wait at the limit: a token from here on is news. */
  clearToken(): void {
    store(this.#words, this.#park, 0) // park: one that comes from here on is seen by wait
  }

  enter(): void {
    or(this.#words, LIVE, this.#bit) // publish: the main loop runs
    ringHost(this.#memory)
  }
}
