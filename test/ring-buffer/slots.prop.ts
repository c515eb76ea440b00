import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { poke } from '#atomics'
import { EMPTY, FREE, LINE_BYTES, packState, Slots } from '../../lib/ring-buffer/index.js'
import { holds } from './property.js'

const LAST_GENERATION = 2 ** 19 - 1
const FIRST = LINE_BYTES / 4

const step = fc.record({
  kind: fc.constantFrom('allocate', 'publish', 'claim', 'complete', 'free', 'state'),
  /** Which of the refs given out so far, counted from the last, and by which claimant. */
  which: fc.oneof(fc.nat(3), fc.nat(200)),
  by: fc.nat(2),
})
type State = 'free' | 'queued' | 'running' | 'done' | 'stale'

test('slots do what a table of states does, old refs and the wrap of generations included', () => {
  const count = fc.constantFrom(1, 3, 8)
  const generation = fc.constantFrom(0, LAST_GENERATION - 2, LAST_GENERATION)
  holds(
    fc.property(count, generation, fc.array(step, { maxLength: 120 }), (count, generation, steps) => {
      const region = Slots.create({ count, wordsPerSlot: 0 })
      const words = new Int32Array(region.buffer)
      for (let slot = 0; slot < count; slot++) poke(words, FIRST + 2 * slot, packState(FREE, 0, generation))
      const owner = Slots.ownerOf(region)
      const claimants = [0, 31, 63].map((id) => Slots.claimantOf(region, id))
      const model = new Map<number, { state: State; by: number }>()
      for (const { kind, which, by } of steps) {
        if (kind === 'allocate') {
          const ref = owner.tryAllocate()
          const used = [...model.values()].filter(({ state }) => state !== 'stale').length
          assert.is(ref === EMPTY, used === count)
          if (ref === EMPTY) continue
          assert.not(model.has(ref), 'no ref is given out twice')
          model.set(ref, { state: 'free', by: EMPTY })
          continue
        }
        const [ref, entry] = [...model].at(-1 - (which % Math.max(1, model.size))) ?? []
        const claimant = claimants[by]
        if (ref === undefined || entry === undefined || claimant === undefined) continue
        const { state } = entry
        if (kind === 'publish') {
          if (state !== 'free') assert.throws(() => owner.publish(ref), RangeError)
          else owner.publish(ref)
          if (state === 'free') entry.state = 'queued'
        } else if (kind === 'claim') {
          assert.is(claimant.tryClaim(ref), state === 'queued')
          if (state === 'queued') Object.assign(entry, { state: 'running', by })
        } else if (kind === 'complete') {
          const may = state === 'running' && entry.by === by
          if (!may) assert.throws(() => claimant.complete(ref), RangeError)
          else claimant.complete(ref)
          if (may) entry.state = 'done'
        } else if (kind === 'free') {
          const may = state === 'done' || state === 'free'
          if (!may) assert.throws(() => owner.free(ref), RangeError)
          else owner.free(ref)
          if (may) entry.state = 'stale'
        } else assert.is(claimant.stateOf(ref), state)
      }
    }),
  )
})

test.run()
