import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compareExchange, load, or, poke } from '#atomics'
import {
  CONDEMNED,
  DONE,
  EMPTY,
  FREE,
  ORPHAN,
  packState,
  RUNNING,
  type SlotClaimant,
  type SlotOwner,
  Slots,
  WAITED,
  withState,
} from '../../lib/ring-buffer/index.js'

function make(count: number, wordsPerSlot = 6): { owner: SlotOwner; one: SlotClaimant; two: SlotClaimant } {
  const region = Slots.create({ count, wordsPerSlot })
  return { owner: Slots.ownerOf(region), one: Slots.claimantOf(region, 1), two: Slots.claimantOf(region, 63) }
}

test('a slot goes from free to queued, running, done and free again', () => {
  const { owner, one } = make(4)
  const ref = owner.tryAllocate()
  assert.is(one.stateOf(ref), 'free')
  owner.publish(ref)
  assert.is(one.stateOf(ref), 'queued')
  assert.ok(one.tryClaim(ref))
  assert.is(one.stateOf(ref), 'running')
  one.complete(ref)
  assert.is(one.stateOf(ref), 'done')
  owner.free(ref)
  assert.is(one.stateOf(ref), 'stale')
})

test('only one claimant gets a slot', () => {
  const { owner, one, two } = make(4)
  const ref = owner.tryAllocate()
  assert.not(one.tryClaim(ref), 'not published yet')
  owner.publish(ref)
  assert.equal([one.tryClaim(ref), two.tryClaim(ref), one.tryClaim(ref)], [true, false, false])
  one.complete(ref)
  assert.not(two.tryClaim(ref))
})

test('a stale ref claims nothing when its slot is in use again', () => {
  const { owner, one, two } = make(1)
  const old = owner.tryAllocate()
  owner.publish(old)
  one.tryClaim(old)
  one.complete(old)
  owner.free(old)
  const ref = owner.tryAllocate()
  owner.publish(ref)
  assert.is.not(ref, old)
  assert.not(two.tryClaim(old))
  assert.throws(() => owner.free(old), /freed before/)
  assert.ok(two.tryClaim(ref))
  assert.throws(() => two.complete(old), RangeError)
})

test('a flag that is set in between loses no claim', () => {
  const { owner, one } = make(1)
  const ref = owner.tryAllocate()
  owner.publish(ref)
  or(owner.words, owner.wordOffset(ref) - 2, WAITED)
  assert.ok(one.tryClaim(ref))
  or(owner.words, owner.wordOffset(ref) - 2, ORPHAN)
  one.complete(ref)
  assert.is(load(owner.words, owner.wordOffset(ref) - 2), packState(DONE, 1, 0) | WAITED | ORPHAN)
})

test('a condemned claimant completes nothing', () => {
  const { owner, one } = make(1)
  const ref = owner.tryAllocate()
  owner.publish(ref)
  one.tryClaim(ref)
  const running = packState(RUNNING, 1, 0)
  compareExchange(owner.words, owner.wordOffset(ref) - 2, running, withState(running, CONDEMNED))
  assert.throws(() => one.complete(ref), /claimant 1 is not running slot 0/)
  assert.is(one.stateOf(ref), 'running')
})

test('as many slots as there are can be in use, and freed ones come back', () => {
  const { owner } = make(5)
  const refs = [1, 2, 3, 4, 5].map(() => owner.tryAllocate())
  assert.is(new Set(refs).size, 5)
  assert.is(owner.tryAllocate(), EMPTY)
  owner.free(refs[2] as number) // never published
  assert.is.not(owner.tryAllocate(), EMPTY)
  assert.is(owner.tryAllocate(), EMPTY)
})

test('an owner frees nothing that is queued or running, and publishes nothing twice', () => {
  const { owner, one } = make(4)
  const ref = owner.tryAllocate()
  owner.publish(ref)
  assert.throws(() => owner.publish(ref), /published before/)
  assert.throws(() => owner.free(ref), /slot 0 is queued/)
  one.tryClaim(ref)
  assert.throws(() => owner.free(ref), /slot 0 is running/)
  one.complete(ref)
  owner.free(ref)
  assert.throws(() => owner.free(ref), /freed before/)
  assert.throws(() => owner.publish(ref), /published before/)
})

test('a claimant completes nothing that another runs', () => {
  const { owner, one, two } = make(4)
  const ref = owner.tryAllocate()
  assert.throws(() => one.complete(ref), RangeError)
  owner.publish(ref)
  one.tryClaim(ref)
  assert.throws(() => two.complete(ref), /claimant 63 is not running slot 0/)
  one.complete(ref)
  assert.throws(() => one.complete(ref), RangeError)
})

test('words and doubles of a slot are the same memory, apart from other slots', () => {
  const { owner } = make(3, 6)
  const offsets = [1, 2, 3].map(() => owner.wordOffset(owner.tryAllocate()))
  for (const offset of offsets) {
    assert.is(offset % 2, 0)
    owner.doubles.fill(offset, offset / 2, offset / 2 + 3)
  }
  for (const offset of offsets) assert.ok(owner.doubles.slice(offset / 2, offset / 2 + 3).every((d) => d === offset))
  owner.words[offsets[0] as number] = 1
  assert.is.not(owner.doubles[(offsets[0] as number) / 2], offsets[0])
})

test('a slot of 30 words has a line to itself, four of 6 share one', () => {
  const distanceOf = (wordsPerSlot: number): number => {
    const { owner } = make(2, wordsPerSlot)
    return Math.abs(owner.wordOffset(owner.tryAllocate()) - owner.wordOffset(owner.tryAllocate()))
  }
  assert.equal([0, 1, 2, 6, 14, 30, 31, 62, 63].map(distanceOf), [2, 4, 4, 8, 16, 32, 64, 64, 96])
})

test('a ref fits into 31 bits in the last generation, for any number of slots', () => {
  for (const [count, bits] of [
    [1, 19],
    [2, 19],
    [4096, 19],
    [4097, 18],
    [65_536, 15],
    [2 ** 20, 11],
  ] as const) {
    const region = Slots.create({ count, wordsPerSlot: 0 })
    const words = new Int32Array(region.buffer)
    const last = 2 ** bits - 1
    for (let slot = 0; slot < count; slot++) poke(words, 32 + 2 * slot, packState(FREE, 0, last))
    const owner = Slots.ownerOf(region)
    const claimant = Slots.claimantOf(region, 0)
    const ref = owner.tryAllocate()
    assert.ok(ref >= 0 && ref < 2 ** 31, String(ref))
    owner.free(ref)
    const next = owner.tryAllocate()
    assert.ok(next >= 0 && next < count, 'the generation is 0 again')
    assert.is(claimant.stateOf(ref), 'stale')
    owner.publish(next)
    assert.not(claimant.tryClaim(ref))
    assert.ok(claimant.tryClaim(next))
  }
})

test('a successor of the owner gets the slots that are free', () => {
  const region = Slots.create({ count: 3, wordsPerSlot: 2 })
  const first = Slots.ownerOf(region)
  const claimant = Slots.claimantOf(region, 2)
  const [queued, freed] = [first.tryAllocate(), first.tryAllocate()]
  first.publish(queued)
  first.free(freed)
  const second = Slots.ownerOf(region)
  assert.not([second.tryAllocate(), second.tryAllocate()].includes(queued))
  assert.is(second.tryAllocate(), EMPTY)
  assert.ok(claimant.tryClaim(queued))
  claimant.complete(queued)
  second.free(queued)
  assert.is.not(second.tryAllocate(), EMPTY)
})

test('what is no ref is refused', () => {
  const { owner, one } = make(5)
  for (const wrong of [EMPTY, -2, 5, 7, Number.NaN]) {
    assert.throws(() => one.tryClaim(wrong), /is not a ref/)
    assert.throws(() => one.stateOf(wrong), /is not a ref/)
    assert.throws(() => one.complete(wrong), /is not a ref/)
    assert.throws(() => owner.wordOffset(wrong), /is not a ref/)
    assert.throws(() => owner.publish(wrong), /is not a ref/)
    assert.throws(() => owner.free(wrong), /is not a ref/)
  }
})

test('claimants have numbers from 0 to 63', () => {
  const region = Slots.create({ count: 1, wordsPerSlot: 0 })
  for (const wrong of [-1, 64, 0.5, Number.NaN]) assert.throws(() => Slots.claimantOf(region, wrong), RangeError)
})

test.run()
