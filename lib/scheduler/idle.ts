/**
 * Who searches, who sleeps, and why no wake-up is lost: the protocol of README.md, for one participant.
 *
 * Three masks with a bit per worker: SEARCHING (looks for work, or was woken to look), SLEEPING (parked, may be woken
 * and then counts as a searcher), LISTENING (parked with async tasks in flight: may be woken, never counts). Masks, not
 * counters, so that the bit of a dead worker can be cleared. They are hints, as queues are: who has woken a sleeper is who took
 * ASLEEP out of its park word. Lock-free; nothing here waits.
 */
import { add, and, compareExchange, load, notify, or, store } from '#atomics'
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

/** False when another was faster, or when the sleeper woke by itself, or has died: look again. */
function tryWake(memory: ParkMap, bit: number): boolean {
  const words = memory.words
  if ((and(words, SLEEPING, ~bit) & bit) === 0) return false // claim: this hint; two wakers are not to meet at one sleeper
  or(words, SEARCHING, bit) // publish: it searches from now on, to every waker
  if (rouse(memory, lowestWorker(bit), ASLEEP)) return true
  and(words, SEARCHING, ~bit) // publish: nobody relies on it; who did meanwhile is served by the look that follows
  return false
}

function wakeListener(memory: ParkMap): boolean {
  const words = memory.words
  for (;;) {
    const listening = load(words, LISTENING) // observe: set before the last look of who parks
    if (listening === 0) return false
    const bit = listening & -listening
    if ((and(words, LISTENING, ~bit) & bit) === 0) continue // claim: this hint
    if (rouse(memory, lowestWorker(bit), ATTENTIVE)) return true
  }
}

// Bits of a park word. A worker waits while the word is what it was when it prepared: one of the last two, or 0.
/** Something for this worker alone: a child that completed, a recovery. */
const NEWS = 1
/**
 * Parked as SLEEPING says, from before its bit is set there until it is woken. Who takes it out has woken this sleeper: a waker,
 * which has marked it in SEARCHING before, or the worker itself.
 */
export const ASLEEP = 2
/** The same for LISTENING. Another bit: who marks a sleeper must not wake a listener by it, which would not search soon. */
export const ATTENTIVE = 4

/** What the park word of who rests in `mask` holds. */
function restOf(mask: number): number {
  return mask === SLEEPING ? ASLEEP : ATTENTIVE
}

/** True when this call has woken the participant. */
function rouse(memory: ParkMap, participant: number, rest: number): boolean {
  const park = memory.park(participant)
  if ((and(memory.words, park, ~rest) & rest) === 0) return false // claim: this sleep; wake: to park
  notify(memory.words, park, 1) // wake: whoever waits on it
  return true
}

/** Wakes one given participant for news of its own. */
export function unpark(memory: ParkMap, participant: number): void {
  const park = memory.park(participant)
  or(memory.words, park, NEWS) // wake: to park
  notify(memory.words, park, 1) // wake: whoever waits on it
}

/**
 * What a recovery does to the masks, once `dead` is out of LIVE: it wakes nobody and is woken by nobody. A waker that was about
 * to wake it finds no sleep there and looks for another.
 *
 * All marks in SEARCHING go, not its own alone: it may have set that of a sleeper that had woken by itself, and died before it
 * could take it back. Who searches does so without a mark as well; only somebody more may be woken. Then everybody has to be
 * unparked (`unparkAll`).
 */
export function clearIdle(memory: ParkMap, dead: number): void {
  const { words } = memory
  const bit = bitOf(dead)
  and(words, SLEEPING, ~bit) // publish: nobody wakes it
  and(words, LISTENING, ~bit)
  store(words, memory.park(dead), 0) // publish: to rouse, before the marks go: who has woken it in vain had marked it before
  store(words, SEARCHING, 0) // publish: nobody relies on anybody's looking
}

/** After a death: a sleeper whose bit the dead had taken would be woken by nobody. So everybody looks once. */
export function unparkAll(memory: ParkMap, participants: number): void {
  for (let p = 1; p <= participants; p++) unpark(memory, p)
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
  #rest = 0

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
    this.#rest = restOf(mask)
    store(this.#words, this.#park, this.#rest) // park: before the bit; who takes it out from here on ends the wait
    or(this.#words, mask, this.#bit) // publish: may be woken, before the second look
    this.#searching = false
    and(this.#words, SEARCHING, ~this.#bit) // publish: no longer counted, before the second look; SLEEPING may come first or second
  }

  /** What the park word holds until there is something to wake for: what to wait on. */
  get rest(): number {
    return this.#rest
  }

  /**
   * Second half, when that look found work, and on every return from a wait. True when it was a waker that has ended this sleep:
   * it relies on a search now. Otherwise this worker has woken itself, and a waker that comes too late takes its mark back.
   */
  restore(mask: number): boolean {
    const rest = restOf(mask)
    and(this.#words, mask, ~this.#bit) // publish: not to be woken; a waker may have taken it
    if ((and(this.#words, this.#park, ~rest) & rest) !== 0) return false // claim: this sleep, against rouse
    this.#searching = true // a sleeper's bit was set by its waker; of a listener this says that it sees to the rest (stopSearch)
    return true
  }

  /** Before a wait in no mask: news from here on is seen by it. */
  clearNews(): void {
    this.#rest = 0
    store(this.#words, this.#park, 0) // park: news that comes from here on is seen by wait
  }

  enter(): void {
    or(this.#words, LIVE, this.#bit) // publish: the main loop runs
    ringHost(this.#memory)
  }
}
