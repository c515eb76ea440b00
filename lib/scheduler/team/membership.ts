/**
 * Who may use a participant's number: the table of MEMBER in README.md. Lock-free.
 */
import { compareExchange, load, or, store } from '#atomics'
import { bitOf, LIVE } from '../layout.js'
import type { TeamMap } from './map.js'

export const ABSENT = 0
export const JOINED = 1
const RECOVERING = 2

export function recoveringBy(recoverer: number): number {
  return RECOVERING + recoverer
}

/** @throws Error when the number is in use, or was, by a thread that nobody has recovered */
export function enter(map: TeamMap, id: number): void {
  const found = compareExchange(map.words, map.member(id), ABSENT, JOINED) // claim: against another that joins
  if (found !== ABSENT)
    throw new Error(
      `participant ${id} has joined already: choose another id, or call recover(${id}) first if its thread is dead`,
    )
  or(map.words, LIVE, bitOf(id + 1)) // publish: its queues may hold something from here on
}

/** The LIVE bit stays: what is in its queues is for the others. */
export function exit(map: TeamMap, id: number): void {
  store(map.words, map.member(id), ABSENT) // publish: to who joins with this number
}

/** True when the caller is the one to recover `dead`. */
export function takeOver(map: TeamMap, recoverer: number, dead: number): boolean {
  return swap(map, dead, JOINED, recoveringBy(recoverer))
}

/** Adds to `targets` whom those in it were recovering when they died, and whom those were, and so on. */
export function inherit(map: TeamMap, recoverer: number, targets: number[]): void {
  for (let i = 0; i < targets.length; i++) {
    const predecessor = recoveringBy(targets[i] as number)
    for (let p = 0; p < map.participants; p++) {
      const found = load(map.words, map.member(p)) // observe: written by takeOver
      if (found === predecessor && swap(map, p, found, recoveringBy(recoverer))) targets.push(p)
    }
  }
}

function swap(map: TeamMap, p: number, from: number, to: number): boolean {
  return compareExchange(map.words, map.member(p), from, to) === from // claim: against another that recovers it
}
