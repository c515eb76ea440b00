/**
 * Team: several threads that share tasks, for programs that start their own threads.
 *
 * A region made by `create` may be sent anywhere; each thread joins with a number of its own. Nothing here is global.
 */
import type { Region } from '../../ring-buffer/index.js'
import { createTeam, openTeam, requireInteger, shapeOf, teamBytes } from './map.js'
import { Participant } from './participant.js'

/** About the price of a wake, in the middle of what machines differ by. */
const DEFAULT_SPIN_US = 20

export interface TeamOptions {
  /** Threads that take part at a time, from 1 to 32. */
  readonly participants: number
  /**
   * Tasks in the region at a time, for each participant and band, and as many that it pushed; rounded up to a power of two. More wait
   * in the memory of their submitter. A task takes 68 bytes.
   */
  readonly capacity: number
  /** Priorities, from 1 to 31; default 1. The highest number is first. */
  readonly bands?: number | undefined
  /** Where to lay it out; default: a buffer of its own. */
  readonly into?: Region | undefined
}

export interface JoinOptions {
  /** How long `findWork` looks before it gives up, in µs; default 20. 0: one look. One participant at a time spins. */
  readonly spinUs?: number | undefined
}

/**
 * @example
 * const region = Team.create({ participants: 3, capacity: 256 })
 * // in each thread that got the region, with a number of its own from 0 to 2
 * const me = Team.join(region, id)
 * for (;;) {
 *   const task = me.findWork()
 *   if (task !== EMPTY) run(task)
 *   else me.park()
 * }
 */
export const Team = {
  /** @throws RangeError for an option that is out of range. */
  bytesFor(options: TeamOptions): number {
    return teamBytes(shapeOf(options))
  },
  /**
   * @throws RangeError for an option that is out of range.
   * @throws LayoutError `ERR_PARALLEL_LAYOUT` when `into` is too small or not aligned to 128 bytes.
   */
  create(options: TeamOptions): Region {
    return createTeam(shapeOf(options), options.into)
  },
  /**
   * This thread's part in the team. `id` is from 0 to `participants - 1`, and nobody else's.
   * @throws LayoutError `ERR_PARALLEL_LAYOUT` for a region that is no team, of another version, or cut short.
   * @throws RangeError for an id or a `spinUs` that is out of range.
   * @throws Error when the id is in use: its thread has neither left nor been recovered.
   */
  join(region: Region, id: number, options?: JoinOptions): Participant {
    const map = openTeam(region)
    requireInteger('id', id, 0, map.participants - 1, ': create the team with more participants')
    const spinUs = options?.spinUs ?? DEFAULT_SPIN_US
    if (!(typeof spinUs === 'number' && spinUs >= 0 && spinUs < Number.POSITIVE_INFINITY))
      throw new RangeError(`spinUs must be a number of microseconds from 0, not ${String(spinUs)}`)
    return Participant.join(map, id, spinUs)
  },
}
