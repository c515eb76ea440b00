import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena, EMPTY } from '../../lib/ring-buffer/index.js'
import { holds } from './property.js'

const step = fc.oneof(
  fc.record({ kind: fc.constant('allocate' as const), bytes: fc.oneof(fc.nat(300), fc.nat(6000)) }),
  fc.record({ kind: fc.constantFrom('free' as const, 'release' as const), which: fc.nat() }),
)

test('blocks keep their bytes until they are freed or released, and all of them come back', () => {
  holds(
    fc.property(fc.constantFrom(1024, 5000, 40_000), fc.array(step, { maxLength: 120 }), (bytes, steps) => {
      const region = Arena.create({ bytes })
      const owner = Arena.ownerOf(region)
      const readers = [Arena.readerOf(region), Arena.readerOf(region)] as const
      const live: { offset: number; length: number; byte: number }[] = []
      for (const [n, given] of steps.entries()) {
        if (given.kind === 'allocate') {
          const offset = owner.tryAllocate(given.bytes)
          if (offset === EMPTY) {
            assert.ok(live.length > 0 || given.bytes > owner.view.length, 'an empty arena refuses nothing that fits')
            continue
          }
          owner.bytes(offset, given.bytes).fill(n)
          live.push({ offset, length: given.bytes, byte: n & 255 })
        } else if (live.length > 0) {
          const [block] = live.splice(given.which % live.length, 1)
          assert.ok(block)
          const reader = readers[n % 2] as (typeof readers)[0]
          assert.ok(reader.bytes(block.offset, block.length).every((byte) => byte === block.byte))
          if (given.kind === 'free') owner.free(block.offset)
          else reader.release(block.offset)
        }
      }
      for (const { offset, length, byte } of live) {
        assert.ok(owner.bytes(offset, length).every((found) => found === byte))
        readers[0].release(offset)
      }
      assert.is(owner.tryAllocate(owner.view.length), 0)
    }),
  )
})

test.run()
