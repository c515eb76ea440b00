/**
 * What a dead participant held, for any living one: README.md, "One word decides" and "Killed between any two steps".
 *
 * It marks everything before it frees anything: whoever recovers a recoverer finds its marks. Lock-free; a step per slot of the
 * team.
 */
import { and, compareExchange, load, peek, poke, store } from '#atomics'
import {
  advance,
  CANCELLED,
  distance,
  executorOf,
  FREE,
  generationOf,
  LOST,
  packState,
  QUEUED,
  RUNNING,
  stateOf,
} from '../../ring-buffer/index.js'
import { clearIdle, unparkAll } from '../idle.js'
import { bitOf, LIVE } from '../layout.js'
import { ORDER, STATE, TASK, type TeamMap } from './map.js'
import { exit, inherit, takeOver } from './membership.js'

export interface Recovered {
  /** Tasks that the dead had submitted and nobody had begun, and the one it may have had in its hand. */
  readonly queued: readonly number[]
  /** Tasks that `findWork` had given to the dead, and that it had not finished. */
  readonly running: readonly number[]
}

interface Found {
  readonly slot: number
  readonly state: number
  readonly task: number
  readonly order: number
}

export function recover(map: TeamMap, recoverer: number, dead: number): Recovered {
  if (!takeOver(map, recoverer, dead)) return { queued: [], running: [] }
  const targets = [dead]
  inherit(map, recoverer, targets)
  const found: Found[] = []
  for (let i = 0; i < targets.length; i++) {
    const target = targets[i] as number
    clear(map, target)
    for (let slot = 0; slot < map.slotCount; slot++) mark(map, recoverer, target, slot, found)
    markHand(map, recoverer, target, found)
  }
  for (let i = 0; i < targets.length; i++) exit(map, targets[i] as number)
  for (let i = 0; i < found.length; i++) free(map, (found[i] as Found).slot)
  unparkAll(map, map.participants)
  return report(map, found)
}

/** The dead is out of the masks, and its queues are empty, as a successor may use them. */
function clear(map: TeamMap, dead: number): void {
  const { words } = map
  and(words, LIVE, ~bitOf(dead + 1)) // publish: its queues hold only stale hints from here on
  clearIdle(map, dead + 1)
  // Its slots tell what it held. The hints only take room from a successor.
  for (let band = 0; band < map.bands; band++) dropHints(words, map.front(dead, band), map.back(dead, band))
  dropHints(words, map.top(dead), map.bottom(dead))
}

/**
 * Empties a ring or a deque: front (top) and back (bottom) meet, at least one further than the front was. A death inside `pop`
 * leaves the bottom at the top or below it while a thief that read it before may still be about to swap: the top that it knows
 * must be gone, or it would move on over the bottom that a successor pushes to.
 */
function dropHints(words: Int32Array, front: number, back: number): void {
  const end = load(words, back) // observe: written by the dead
  for (;;) {
    const found = load(words, front) // observe: thieves that are not done
    const next = distance(end, found) > 0 ? end : advance(found, 1)
    if (compareExchange(words, front, found, next) !== found) continue // claim: against thieves
    store(words, back, next) // publish: empty
    return
  }
}

/** Marks a slot that the dead held as the recoverer's, by a swap of the word that was judged, and notes it in `found`. */
function mark(map: TeamMap, recoverer: number, dead: number, slot: number, found: Found[]): void {
  const { words } = map
  const offset = map.slot(slot)
  const isOwn = map.ownerOf(slot) === dead
  for (;;) {
    const word = load(words, offset + STATE) // observe: what executors and recoverers have decided so far
    const state = markFor(word, isOwn, dead)
    if (state === FREE || swapMark(map, recoverer, slot, word, state, found)) return
  }
}

/** Whoever died with its hand on a slot has perhaps taken its only hint. */
function markHand(map: TeamMap, recoverer: number, dead: number, found: Found[]): void {
  const { words } = map
  const slot = peek(words, map.hand(dead)) - 1 // owned: the thread is dead, and this is the one that recovers it
  if (slot < 0) return
  for (;;) {
    const word = load(words, map.slot(slot) + STATE) // observe: what others have decided so far
    if (stateOf(word) !== QUEUED || swapMark(map, recoverer, slot, word, CANCELLED, found)) break
  }
  poke(words, map.hand(dead), 0) // owned: as above
}

function swapMark(map: TeamMap, by: number, slot: number, word: number, state: number, found: Found[]): boolean {
  const { words } = map
  const offset = map.slot(slot)
  // Tolerated race: read before the swap, for the slot may be anybody's after it; the generation tells that it was this.
  const task = peek(words, offset + TASK)
  const order = peek(words, offset + ORDER)
  const mark = packState(state, by, generationOf(word))
  if (compareExchange(words, offset + STATE, word, mark) !== word) return false // claim: against claims and recoveries
  found.push({ slot, state, task, order })
  return true
}

/**
 * What a word becomes: CANCELLED (queued), LOST (running), or FREE when the dead has nothing to do with it. Its own marks are left
 * when it died in `recover`, before it could return what it had marked.
 */
function markFor(word: number, isOwn: boolean, dead: number): number {
  const state = stateOf(word)
  if (state === QUEUED) return isOwn ? CANCELLED : FREE
  if (executorOf(word) !== dead) return FREE
  if (state === RUNNING) return LOST
  return state
}

/** By the one that marked it. */
function free(map: TeamMap, slot: number): void {
  const offset = map.slot(slot) + STATE
  store(map.words, offset, nextFree(peek(map.words, offset))) // publish: to the submitter; owned: the recoverer's mark
}

/** FREE, in the next generation. */
export function nextFree(word: number): number {
  return packState(FREE, 0, generationOf(word) + 1)
}

/** The higher bands first, then what was pushed, each in the order of submission. */
function report(map: TeamMap, found: readonly Found[]): Recovered {
  const rank = ({ slot }: Found): number => {
    const queue = map.queueOf(slot)
    return queue < map.bands ? map.bands - queue : queue + 1
  }
  const sorted = [...found].sort((a, b) => rank(a) - rank(b) || (a.order - b.order) | 0)
  return {
    queued: sorted.filter(({ state }) => state === CANCELLED).map(({ task }) => task),
    running: sorted.filter(({ state }) => state === LOST).map(({ task }) => task),
  }
}
