import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { TICKS_PER_MS } from '../../lib/workers/calls.js'
import { Histogram } from '../../lib/workers/histogram.js'

test('a histogram of nothing is all zeros', () => {
  assert.equal(new Histogram().summary(), { count: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 })
})

test('one duration is every percentile, exactly', () => {
  for (const ticks of [0, 1, 7, 8, 1000, TICKS_PER_MS, 2 ** 31 - 1, 2 ** 31, 2 ** 40 + 12345]) {
    const histogram = new Histogram()
    histogram.record(ticks)
    const ms = ticks / TICKS_PER_MS
    assert.equal(histogram.summary(), { count: 1, mean: ms, p50: ms, p90: ms, p99: ms, p999: ms, max: ms })
  }
})

test('count, mean and maximum are exact', () => {
  const histogram = new Histogram()
  for (const ms of [1, 2, 3, 10]) histogram.record(ms * TICKS_PER_MS)
  const { count, mean, max } = histogram.summary()
  assert.equal([count, mean, max], [4, 4, 10])
})

test('percentiles of 1 … 10,000 µs are within 13 %', () => {
  const histogram = new Histogram()
  for (let us = 1; us <= 10_000; us++) histogram.record((us * TICKS_PER_MS) / 1000)
  const { p50, p90, p99, p999 } = histogram.summary()
  for (const [found, exact] of [
    [p50, 5],
    [p90, 9],
    [p99, 9.9],
    [p999, 9.99],
  ] as const) {
    assert.ok(found >= exact && found <= exact * 1.13, `${found} for ${exact}`)
  }
})

test('a rare long one shows in the upper percentiles only', () => {
  const histogram = new Histogram()
  for (let i = 0; i < 995; i++) histogram.record(TICKS_PER_MS)
  for (let i = 0; i < 5; i++) histogram.record(1000 * TICKS_PER_MS)
  const { p50, p99, p999, max } = histogram.summary()
  assert.ok(p50 < 1.13 && p99 < 1.13)
  assert.equal([p999, max], [1000, 1000])
})

test('a duration beyond the last bucket is counted in it', () => {
  const histogram = new Histogram()
  histogram.record(Number.MAX_SAFE_INTEGER)
  assert.is(histogram.summary().max, Number.MAX_SAFE_INTEGER / TICKS_PER_MS)
  assert.is(histogram.summary().count, 1)
})

test.run()
