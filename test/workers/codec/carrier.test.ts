import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena } from '../../../lib/ring-buffer/index.js'
import { KINDS, TeamMemory } from '../../../lib/scheduler/index.js'
import { accept, PostingAnnouncer } from '../../../lib/workers/announcements.js'
import { type Announcement, Buffers } from '../../../lib/workers/buffers.js'
import { Carrier } from '../../../lib/workers/codec/index.js'

interface Member {
  readonly carrier: Carrier
  readonly buffers: Buffers
  /** Says what this one says to the others; a test may have it die instead. */
  post: (announcement: Announcement) => void
  /** What it was told. */
  readonly heard: Announcement[]
}

/** The host, a reader (worker 1) and a writer (worker 2), on one thread. */
function team() {
  const memory = new TeamMemory({ workers: 2, hostSlots: 4, workerSlots: 4 }, undefined)
  const arenas = [0, 1, 2].map(() => Arena.create({ bytes: 1 << 16 }))
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
  return { host: members[0]!, reader: members[1]!, writer: members[2]!, id, slot, kinds }
}

/** How often the writer has heard that a payload was read. */
function saidRead({ heard }: Member): number {
  return heard.filter((announcement) => 'free' in announcement).length
}

test('what a result refers to is held until its reader says that it has it', () => {
  const { reader, writer, id, slot, kinds } = team()
  writer.carrier.writeResult(id, new SharedArrayBuffer(8), 'task')
  assert.is(saidRead(writer), 0)
  assert.instance(reader.carrier.readResult(slot, kinds()), SharedArrayBuffer)
  assert.is(saidRead(writer), 1)
})

test('a reader that dies before it reads: who recovers the slot says that nobody needs it', () => {
  const { host, writer, id, kinds, slot } = team()
  writer.carrier.writeResult(id, new SharedArrayBuffer(8), 'task')
  host.carrier.releaseUnread(id)
  assert.is(saidRead(writer), 1)
  host.carrier.releaseResult(slot, kinds())
  assert.is(saidRead(writer), 1, 'once')
})

test('a reader that dies while it reads: what it held is let go of by who recovers the slot', () => {
  const { host, reader, writer, id, slot, kinds } = team()
  writer.carrier.writeResult(id, new SharedArrayBuffer(8), 'task')
  reader.post = () => {
    throw new Error('killed')
  }
  assert.throws(() => reader.carrier.readResult(slot, kinds()), 'killed')
  assert.is(saidRead(writer), 0)
  host.carrier.releaseUnread(id)
  assert.is(saidRead(writer), 1)
})

test('memory that a reader has given back is given back once', () => {
  const { host, reader, writer, id, slot, kinds } = team()
  const text = 'x'.repeat(2_000_000) // a buffer of its own
  writer.carrier.writeResult(id, text, 'task')
  assert.is(reader.carrier.readResult(slot, kinds()), text)
  host.carrier.releaseUnread(id)
  assert.is(saidRead(writer), 1)
})

test('a slot whose result nobody has read is used again', () => {
  const { host, writer, id } = team()
  writer.carrier.writeResult(id, { a: [1], shared: new SharedArrayBuffer(8) }, 'task')
  host.carrier.releaseUnread(id)
  writer.carrier.writeResult(id, 5, 'task')
  host.carrier.releaseUnread(id)
  assert.is(saidRead(writer), 1)
})

test.run()
