// A result as it travels, without another thread: encoded, copied into shared memory, decoded there, given back.
// The bundle that users install does not export the codec: this measures the files that tsc left.
import { Arena } from '../../lib/ring-buffer/index.js'
import { KINDS, TeamMemory } from '../../lib/scheduler/index.js'
import { PostingAnnouncer } from '../../lib/workers/announcements.js'
import { ARENA_BYTES } from '../../lib/workers/boot.js'
import { Buffers } from '../../lib/workers/buffers.js'
import { Carrier } from '../../lib/workers/codec/index.js'
import type { Pass } from './index.js'

const ARENA_ID = 0
const SLOT_ID = 0
/** There is nobody to tell. */
const noOne = (): void => {}

export function makePass(): Pass {
  const memory = new TeamMemory({ workers: 1, hostSlots: 1, workerSlots: 1 }, undefined)
  const arena = Arena.create({ bytes: ARENA_BYTES })
  const buffers = new Buffers(() => {})
  buffers.addArena(ARENA_ID, arena)
  const announcer = new PostingAnnouncer(memory, buffers, ARENA_ID, noOne, noOne)
  const carrier = new Carrier(memory, arena, ARENA_ID, buffers, announcer)
  const slot = memory.slot(SLOT_ID)
  return (value) => {
    carrier.writeResult(SLOT_ID, value, 'codec')
    return carrier.readResult(slot, memory.words[slot + KINDS]!) // owned: there is no other thread
  }
}
