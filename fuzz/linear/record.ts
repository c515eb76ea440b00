/** Records histories of real threads: many short rounds on fresh memory, all begun by all threads at once. */
import { add, load } from '#atomics'
import { INDEX_MASK } from '../../lib/ring-buffer/index.js'
import { relax, together } from '../../test/ring-buffer/threads.js'
import { Random } from '../random.js'
import { describe, linearize, type Operation } from './check.js'
import { GAMES, MUTANTS, NOTHING } from './games.js'
import { retriesWithoutCause } from './specifications.js'

const MOVES = 6
const LINE = 32
const CLOCK = 0
/** The result of an operation that threw. Not thrown on: the other threads would wait for this one at the next meeting. */
const THREW: readonly number[] = [-(2 ** 31)]
const ARRIVED = LINE

export interface Match {
  readonly game: string
  readonly seed: number
  readonly rounds: number
  /** A line for the clock, one for the meetings, then the memory of each round. */
  readonly words: Int32Array
}

function gameOf(name: string) {
  const make = GAMES[name] ?? MUTANTS[name]
  if (make === undefined) throw new Error(`no game "${name}"`)
  return make()
}

function memoryOf(match: Match, words: number, round: number): Int32Array {
  const first = 2 * LINE + round * words
  return match.words.subarray(first, first + words)
}

function outcomeOf(
  perform: (name: string, argument: number) => readonly number[],
  name: string,
  argument: number,
): readonly number[] {
  try {
    return perform(name, argument)
  } catch {
    return THREW
  }
}

/** One thread's part of all rounds. */
export function playPart({ match, thread }: { match: Match; thread: number }): Operation[][] {
  const { seed, rounds, words: shared } = match
  const game = gameOf(match.game)
  const role = game.roles[thread] as string
  const histories: Operation[][] = []
  for (let round = 0; round < rounds; round++) {
    const random = new Random(seed + round * 31 + thread * 7_919)
    const perform = game.player(memoryOf(match, game.words, round), role, thread)
    const history: Operation[] = []
    histories.push(history)
    const moves = Array.from({ length: MOVES }, (_, i) => game.move(role, random, 1 + thread * MOVES + i))
    const pauses = moves.map(() => random.pick([0, 0, 10, 100]))
    add(shared, ARRIVED, 1)
    while (load(shared, ARRIVED) < (round + 1) * game.roles.length) relax()
    for (const [i, { name, argument }] of moves.entries()) {
      for (let n = pauses[i] as number; n > 0; n--) load(shared, ARRIVED)
      const call = add(shared, CLOCK, 1)
      const result = outcomeOf(perform, name, argument)
      const back = add(shared, CLOCK, 1)
      if (result === NOTHING) continue
      // Where the operation was on something that only the player knows, its answer names that.
      const named = result.length === 2 && match.game.startsWith('slots')
      history.push({
        thread,
        name,
        argument: named ? (result[1] as number) : argument,
        result: named ? [result[0] as number] : result,
        call,
        back,
      })
    }
  }
  return histories
}

export interface Verdict {
  readonly operations: number
  /** Pairs of operations of different threads that overlapped: a run without any proves nothing. */
  readonly overlaps: number
  /** The first history that no order explains. */
  readonly violation: string | undefined
}

/** Plays a game with threads that are started from `file`, which calls `playPart` in them, and judges every round. */
export async function recordAndCheck(file: string, name: string, seed: number, rounds: number): Promise<Verdict> {
  const game = gameOf(name)
  const words = new Int32Array(new SharedArrayBuffer((2 * LINE + rounds * game.words) * 4))
  const match: Match = { game: name, seed, rounds, words }
  const random = new Random(seed)
  for (let round = 0; round < rounds; round++)
    game.prepare?.(memoryOf(match, game.words, round), random.oneIn(2) ? INDEX_MASK - random.below(6) : random.below(8))
  const parts = game.roles.slice(1).map((_, i) => ({ role: 'playPart', data: { match, thread: i + 1 } }))
  const played = await together<Operation[][], Operation[][]>(file, parts, () => playPart({ match, thread: 0 }))
  let operations = 0
  let overlaps = 0
  for (let round = 0; round < rounds; round++) {
    const history = [played.own, ...played.others].flatMap((histories) => histories[round] as Operation[])
    operations += history.length
    for (const a of history)
      for (const b of history) if (a.thread < b.thread && a.call < b.back && b.call < a.back) overlaps++
    const threw = history.some(({ result }) => result[0] === THREW[0])
    const retries = retriesWithoutCause(history, game.remembers)
    if (threw || retries.length > 0 || linearize(history, game.specification) === undefined) {
      const why = threw ? 'an operation threw' : retries.length > 0 ? 'a RETRY without a cause' : 'no order explains'
      return { operations, overlaps, violation: `${name}, seed ${seed}, round ${round}: ${why}\n${describe(history)}` }
    }
  }
  return { operations, overlaps, violation: undefined }
}
