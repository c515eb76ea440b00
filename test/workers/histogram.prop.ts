import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { TICKS_PER_MS } from '../../lib/workers/calls.js'
import { Histogram } from '../../lib/workers/histogram.js'
import { holds } from '../ring-buffer/property.js'

const ticks = fc.oneof(
  fc.nat(40),
  fc.nat(100_000),
  fc.integer({ min: 0x7ffffff0, max: 0x80000010 }),
  fc.tuple(fc.integer({ min: 3, max: 49 }), fc.integer({ min: -1, max: 1 })).map(([bit, by]) => 2 ** bit + by),
  fc.integer({ min: 0, max: 2 ** 50 }),
)

test('no percentile is below the exact one, and none is above it by 13 % and a tick', () => {
  holds(
    fc.property(fc.array(ticks, { minLength: 1, maxLength: 200 }), (durations) => {
      const histogram = new Histogram()
      for (const duration of durations) histogram.record(duration)
      const sorted = durations.toSorted((a, b) => a - b)
      const summary = histogram.summary()
      for (const [name, q] of [
        ['p50', 0.5],
        ['p90', 0.9],
        ['p99', 0.99],
        ['p999', 0.999],
      ] as const) {
        const exact = sorted[Math.ceil(q * sorted.length) - 1] as number
        const found = summary[name] * TICKS_PER_MS
        assert.ok(found >= exact * (1 - 1e-12), `${name}: ${found} for ${exact}`)
        assert.ok(found <= Math.max(exact * 1.13, exact + 1.0001), `${name}: ${found} for ${exact}`)
      }
      assert.is(summary.max, (sorted.at(-1) as number) / TICKS_PER_MS)
      assert.is(summary.count, durations.length)
      assert.ok(summary.p50 <= summary.p90 && summary.p90 <= summary.p99 && summary.p99 <= summary.p999)
    }),
  )
})

test.run()
