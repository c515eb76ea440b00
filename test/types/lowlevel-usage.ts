// Only has to compile: what an embedder writes, and what the types forbid.
import {
  Arena,
  Counters,
  Deque,
  Doorbell,
  EMPTY,
  LAYOUT_VERSION,
  Latch,
  LayoutError,
  RETRY,
  type Region,
  Slots,
  SpscRing,
} from '../../lib/ring-buffer/index.js'
import { type Participant, Team } from '../../lib/scheduler/team/index.js'

const buffer = new SharedArrayBuffer(Deque.bytesFor({ capacity: 1024 }))
const region: Region = Deque.create({ capacity: 1024, into: { buffer, byteOffset: 0, byteLength: buffer.byteLength } })
const owner = Deque.ownerOf(region)
const thief = Deque.thiefOf(structuredClone(region))
if (!owner.tryPush(7)) throw new Error('full')
for (;;) {
  const got = thief.steal()
  if (got === RETRY) continue
  if (got === EMPTY) break
  got.toFixed()
}
thief.stealInto(owner, owner.capacity - owner.length) satisfies number
// @ts-expect-error a thief has no pop
thief.pop()
// @ts-expect-error nor does it push
thief.tryPush(1)
// @ts-expect-error a role is no region
Deque.thiefOf(owner)
// @ts-expect-error the capacity is needed
Deque.create({})
// @ts-expect-error regions lie in shared memory
Deque.create({ capacity: 4, into: { buffer: new ArrayBuffer(1024), byteOffset: 0, byteLength: 1024 } })
// @ts-expect-error a region is read-only
region.byteOffset = 128

const ring = SpscRing.create({ capacity: 8, into: undefined })
SpscRing.producerOf(ring).publish()
SpscRing.consumerOf(ring).drain((item) => item.toFixed(), 8) satisfies number
// @ts-expect-error a consumer does not publish
SpscRing.consumerOf(ring).publish()

const slots = Slots.create({ count: 16, wordsPerSlot: 6 })
const submitter = Slots.ownerOf(slots)
const claimant = Slots.claimantOf(slots, 3)
const ref = submitter.tryAllocate()
submitter.doubles[submitter.wordOffset(ref) / 2] = 0.5
submitter.publish(ref)
if (claimant.tryClaim(ref)) claimant.complete(ref)
claimant.stateOf(ref) satisfies 'free' | 'queued' | 'running' | 'done' | 'stale'
// @ts-expect-error only the owner frees
claimant.free(ref)
// @ts-expect-error the owner claims nothing
submitter.tryClaim(ref)
// @ts-expect-error there is no such state
if (claimant.stateOf(ref) === 'lost') throw new Error('lost')

const arena = Arena.create({ bytes: 4096 })
const allocator = Arena.ownerOf(arena)
const offset = allocator.tryAllocate(100)
allocator.bytes(offset, 100).fill(1)
Arena.readerOf(arena).bytes(offset, 100) satisfies Uint8Array
Arena.readerOf(arena).view satisfies Uint8Array
Arena.readerOf(arena).release(offset)
// @ts-expect-error a reader does not allocate
Arena.readerOf(arena).tryAllocate(1)

const latch = Latch.of(Latch.create({}))
if (!latch.probe()) latch.set()
latch.wait(5) satisfies boolean
latch.waitAsync() satisfies boolean | Promise<boolean>
// @ts-expect-error it may be a promise
latch.waitAsync() satisfies boolean

const bell: Doorbell = Doorbell.of(Doorbell.create({}))
const seen = bell.prepare()
bell.cancel()
bell.commit(seen, 3) satisfies 'rung' | 'timed-out'
bell.commitAsync(seen, 3) satisfies 'rung' | Promise<'rung' | 'timed-out'>
// @ts-expect-error commit needs what prepare returned
bell.commit()
bell.ring()

const counters = Counters.of(Counters.create({ count: 2 }))
counters.add(1, 5)
counters.read(1) satisfies number

const team = Team.create({ participants: 3, capacity: 256, bands: 7, into: undefined })
Team.bytesFor({ participants: 3, capacity: 256 }) satisfies number
const me: Participant = Team.join(structuredClone(team), 1)
Team.join(team, 2, { spinUs: 10 }).leave()
me.submit(7)
me.submit(8, 6)
me.push(9)
for (;;) {
  const task = me.findWork()
  if (task !== EMPTY) continue
  if (me.park(1) === 'timed-out') break
}
me.parkAsync(1) satisfies 'woken' | Promise<'woken' | 'timed-out'>
// @ts-expect-error it may be a promise
me.parkAsync() satisfies 'woken'
const { queued, running } = me.recover(0)
;[...queued, ...running] satisfies number[]
// @ts-expect-error what was recovered is read-only
queued.push(1)
// @ts-expect-error the id is needed
Team.join(team)
// @ts-expect-error a participant is joined, not made
new me.constructor()
// @ts-expect-error the capacity is needed
Team.create({ participants: 3 })
me.id satisfies number
// @ts-expect-error the id is given by join
me.id = 2

try {
  Deque.ownerOf(arena)
} catch (error) {
  if (error instanceof LayoutError) error.code satisfies 'ERR_PARALLEL_LAYOUT'
  LAYOUT_VERSION satisfies number
}
