import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Blocks, GRANULE_BYTES } from '../../lib/ring-buffer/blocks.js'
import { EMPTY } from '../../lib/ring-buffer/index.js'
import { holds } from './property.js'

const size = fc.oneof(
  fc.integer({ min: 0, max: 600 }),
  fc.integer({ min: 500, max: 5000 }),
  fc.integer({ min: 4000, max: 70_000 }),
)
const step = fc.oneof(
  fc.record({ take: size, times: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ free: fc.nat(), times: fc.integer({ min: 1, max: 40 }) }),
)
const arena = fc.constantFrom(1 << 10, 1 << 14, 3 << 14, 1 << 17, 1 << 20)

test('blocks in use never overlap, and all of them freed are one again', () => {
  holds(
    fc.property(arena, fc.array(step, { maxLength: 60 }), (bytes, steps) => {
      const blocks = new Blocks(bytes)
      const live = new Map<number, number>()
      const owner = new Int32Array(bytes / GRANULE_BYTES).fill(EMPTY)
      for (const given of steps) {
        for (let n = 0; n < given.times; n++) {
          if ('take' in given) {
            const offset = blocks.tryReuse(given.take)
            const taken = offset === EMPTY ? blocks.take(given.take) : offset
            if (taken === EMPTY) {
              assert.ok(live.size > 0 || given.take > bytes, 'an empty arena refuses nothing that fits')
              break
            }
            const granules = Math.max(1, Math.ceil(given.take / GRANULE_BYTES))
            const first = taken / GRANULE_BYTES
            assert.ok(Number.isInteger(first) && first >= 0 && first + granules <= owner.length)
            assert.ok(owner.subarray(first, first + granules).every((other) => other === EMPTY))
            owner.fill(taken, first, first + granules)
            live.set(taken, granules)
            assert.ok(blocks.isTaken(taken))
          } else {
            const offset = [...live.keys()][given.free % live.size]
            if (offset === undefined) break
            blocks.free(offset)
            const first = offset / GRANULE_BYTES
            owner.fill(EMPTY, first, first + (live.get(offset) as number))
            live.delete(offset)
            assert.not(blocks.isTaken(offset))
          }
        }
      }
      for (const offset of live.keys()) blocks.free(offset)
      assert.is(blocks.take(bytes), 0)
    }),
  )
})

test.run()
