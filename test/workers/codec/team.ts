// Carriers of a host and two workers, on one thread.
import { Arena } from '../../../lib/ring-buffer/index.js'
import { KINDS, TeamMemory } from '../../../lib/scheduler/index.js'
import { accept, PostingAnnouncer } from '../../../lib/workers/announcements.js'
import { type Announcement, Buffers } from '../../../lib/workers/buffers.js'
import { Carrier } from '../../../lib/workers/codec/index.js'

const REGION = { bytes: 1 << 16 }
/** Of all blocks together. */
export const ARENA_BYTES = Arena.viewOf(Arena.create(REGION)).length

export interface Member {
  readonly carrier: Carrier
  readonly buffers: Buffers
  /** Says what this one says to the others; a test may have it die instead. */
  post: (announcement: Announcement) => void
  /** What it was told. */
  readonly heard: Announcement[]
}

/** The host, a reader (worker 1) and a writer (worker 2), on one thread. */
export function team() {
  const memory = new TeamMemory({ workers: 2, hostSlots: 4, workerSlots: 4 }, undefined)
  const arenas = [0, 1, 2].map(() => Arena.create(REGION))
  const members = arenas.map((arena, id): Member => {
    const buffers = new Buffers(() => {})
    arenas.forEach((each, i) => void buffers.addArena(100 + i, each))
    const say = (announcement: Announcement): void => member.post(announcement)
    const announcer = new PostingAnnouncer(memory, buffers, 100 + id, say, say)
    const carrier = new Carrier(memory, arena, 100 + id, buffers, announcer)
    const heard: Announcement[] = []
    const post = (announcement: Announcement): void => {
      for (const other of members) {
        if (other === member) continue
        other.heard.push(announcement)
        accept(announcement, other.buffers, () => {})
      }
    }
    const member: Member = { carrier, buffers, post, heard }
    return member
  })
  const id = memory.slotsOf(1) // a child of the reader
  const slot = memory.slot(id)
  const kinds = (): number => memory.words[slot + KINDS] as number // owned: there is one thread
  return { memory, host: members[0]!, reader: members[1]!, writer: members[2]!, id, slot, kinds }
}
