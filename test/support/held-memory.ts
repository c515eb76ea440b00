import type { Pool } from '../../lib/index.js'
import { bytesHeld } from '../fixtures/garbage.js'
import { settles, until } from './hang-limit.js'

const MIB = 1 << 20
const MOST_LOOKS = 20

/** Not the size of the process, whose allocator keeps what was freed: the buffers that somebody holds. */
async function heldMiB(pool: Pool): Promise<number> {
  const workers = await settles(pool.broadcast(bytesHeld, []))
  return [bytesHeld.local(), ...workers].reduce((a, b) => a + b) / MIB
}

/** What is held once collectors find nothing more: garbage of an earlier test, gone meanwhile, would hide a leak. */
async function settledMiB(pool: Pool): Promise<number> {
  let least = await heldMiB(pool)
  for (let looks = 0, still = 0; looks < MOST_LOOKS && still < 3; looks++) {
    await until(() => true, 'a turn')
    const held = await heldMiB(pool)
    still = held < least - 1 ? 0 : still + 1
    least = Math.min(least, held)
  }
  return least
}

/**
 * How many MiB more the threads of a pool hold after `work`. A buffer is gone when the collectors of all threads have seen
 * that nobody holds it, so they have some turns, until it is less than `enough`. What other pools have left behind may go at any
 * time, and hide as much: let there be one pool.
 */
export async function grownMiB(pool: Pool, work: () => Promise<unknown>, enough: number): Promise<number> {
  const before = await settledMiB(pool)
  await work()
  let grown = Number.POSITIVE_INFINITY
  for (let looks = 0; looks < MOST_LOOKS && grown >= enough; looks++) {
    await until(() => true, 'a turn')
    grown = (await heldMiB(pool)) - before
  }
  return grown
}
