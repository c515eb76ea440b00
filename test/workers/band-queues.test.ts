import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { AGING_PERIOD, BANDS } from '../../lib/scheduler/index.js'
import { BandQueues } from '../../lib/workers/band-queues.js'
import { type Call, NOT_PLACED, WITHDRAWN } from '../../lib/workers/calls.js'

function callOf(id: number, band: number): Call {
  return { id, site: { band }, slot: NOT_PLACED } as Call
}

/** Takes the call that is next: from the band in turn, or from the highest. */
function take(queues: BandQueues): number {
  const band = queues.isTurn() ? queues.bandInTurn() : queues.highestBand()
  const { id } = queues.oldest(band) as Call
  queues.shift(band)
  return id
}

test('calls come out by band, then by age', () => {
  const queues = new BandQueues()
  const bands = [3, 0, 5, 3, 6, 2, 4, 5, 1, 3, 6, 0, 4]
  for (const [id, band] of bands.entries()) queues.push(callOf(id, band))
  assert.is(queues.waiting, bands.length)
  const expected = [...bands.keys()].sort((a, b) => (bands[b] as number) - (bands[a] as number) || a - b)
  assert.equal(
    bands.map(() => take(queues)),
    expected,
  )
  assert.is(queues.waiting, 0)
  for (let band = 0; band < BANDS; band++) assert.ok(queues.isEmpty(band))
})

test('every 61st call that is taken is one of the band in turn, and looking takes no turn', () => {
  const queues = new BandQueues()
  for (let i = 0; i < 1_000; i++) queues.push(callOf(i, BANDS - 1))
  for (let i = 0; i < 5; i++) queues.push(callOf(10_000 + i, 0))
  for (let i = 0; i < 5; i++) queues.push(callOf(20_000 + i, 2))
  const outOfTurn: [number, number][] = []
  for (let taken = 1; taken <= 500; taken++) {
    for (let looks = 0; looks < 3; looks++) if (queues.isTurn()) queues.bandInTurn()
    const id = take(queues)
    if (id >= 10_000) outOfTurn.push([taken / AGING_PERIOD, id])
  }
  assert.equal(outOfTurn, [
    [1, 20_000],
    [3, 10_000],
    [4, 20_001],
    [6, 10_001],
    [7, 20_002],
  ])
})

test('a turn is kept until a call of that band could be taken', () => {
  const queues = new BandQueues()
  for (let i = 0; i < 100; i++) queues.push(callOf(i, BANDS - 1))
  queues.push(callOf(500, 1))
  for (let i = 0; i < AGING_PERIOD - 1; i++) take(queues)
  assert.ok(queues.isTurn())
  assert.is(queues.bandInTurn(), 1)
  queues.shift(BANDS - 1) // there was no room for the other
  assert.ok(queues.isTurn())
  assert.is(take(queues), 500)
  assert.not(queues.isTurn())
})

test('a call that was withdrawn does not come out, and is not counted', () => {
  const queues = new BandQueues()
  const calls = [0, 1, 2, 3].map((id) => callOf(id, 3))
  for (const call of calls) queues.push(call)
  queues.withdraw(calls[0] as Call)
  queues.withdraw(calls[2] as Call)
  assert.is(calls[0]?.slot, WITHDRAWN)
  assert.is(queues.waiting, 2)
  assert.is(take(queues), 1)
  assert.is(take(queues), 3)
  assert.is(queues.oldest(3), undefined)
  assert.is(queues.waiting, 0)
})

test('calls that come back stand before the others of their bands', () => {
  const queues = new BandQueues()
  for (let id = 10; id < 14; id++) queues.push(callOf(id, id % 2))
  queues.putBack([callOf(1, 0), callOf(2, 1), callOf(3, 0), callOf(4, 6)])
  assert.is(queues.waiting, 8)
  assert.equal(
    [...queues.takeAll()].map(({ id }) => id),
    [1, 3, 10, 12, 2, 11, 13, 4],
  )
  assert.is(queues.waiting, 0)
  queues.putBack([])
  assert.equal([...queues.takeAll()], [])
})

test('the highest band of nothing is the lowest', () => {
  const queues = new BandQueues()
  assert.is(queues.highestBand(), 0)
  assert.is(queues.oldest(0), undefined)
})

test.run()
