import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { flatBytes, isFlat, readFlat, writeFlat } from '../../../lib/workers/codec/flat.js'
import { holds } from '../../ring-buffer/property.js'

const units = (max: number) => fc.array(fc.nat(max), { maxLength: 60 }).map((codes) => String.fromCharCode(...codes))
const value = fc.oneof(
  fc.constantFrom(undefined, null, true, false, -0, Number.NaN),
  fc.double(),
  fc.integer(),
  units(0xff),
  units(0xffff),
  fc.string({ unit: 'grapheme' }),
)

test('flat lists come back, within the bytes that were asked for', () => {
  holds(
    fc.property(fc.array(value), fc.nat(100), (values, start) => {
      assert.ok(isFlat(values))
      const bytes = flatBytes(values)
      const buffer = Buffer.alloc(start + bytes + 8, 0xab)
      const used = writeFlat(values, buffer, start)
      assert.ok(used <= bytes)
      assert.ok(buffer.subarray(0, start).every((byte) => byte === 0xab))
      assert.ok(buffer.subarray(start + bytes).every((byte) => byte === 0xab))
      assert.ok(isDeepStrictEqual(readFlat(buffer.subarray(start, start + used)), values))
    }),
  )
})

test('bytes of any kind are read or refused with a RangeError', () => {
  holds(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        assert.ok(isFlat(readFlat(Buffer.from(bytes))))
      } catch (error) {
        assert.instance(error, RangeError)
      }
    }),
  )
})

test.run()
