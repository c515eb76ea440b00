import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { AGING_PERIOD, BANDS } from '../../lib/scheduler/index.js'
import { BandQueues } from '../../lib/workers/band-queues.js'
import { type Call, NOT_PLACED } from '../../lib/workers/calls.js'
import { holds } from '../ring-buffer/property.js'

const bandOf = fc.integer({ min: 0, max: BANDS - 1 })
const step = fc.oneof(
  { weight: 4, arbitrary: bandOf.map((band) => ({ do: 'push' as const, band })) },
  { weight: 4, arbitrary: fc.constant({ do: 'take' as const }) },
  { weight: 1, arbitrary: fc.nat(50).map((which) => ({ do: 'withdraw' as const, which })) },
  { weight: 1, arbitrary: fc.nat(5).map((count) => ({ do: 'putBack' as const, count })) },
  { weight: 1, arbitrary: fc.constant({ do: 'look' as const }) },
)

test('any steps give what arrays per band give', () => {
  holds(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const queues = new BandQueues()
      const model: Call[][] = Array.from({ length: BANDS }, () => [])
      const taken: Call[] = []
      let id = 0
      let sinceTurn = 0
      const all = (): Call[] => model.flat()
      for (const step of steps) {
        if (step.do === 'push') {
          const call = { id: id++, site: { band: step.band }, slot: NOT_PLACED } as Call
          queues.push(call)
          model[step.band]?.push(call)
        } else if (step.do === 'withdraw') {
          const waiting = all()
          const call = waiting[step.which % Math.max(1, waiting.length)]
          if (call === undefined) continue
          queues.withdraw(call)
          const own = model[call.site.band] as Call[]
          own.splice(own.indexOf(call), 1)
        } else if (step.do === 'putBack') {
          const back = taken.splice(-step.count, step.count).sort((a, b) => a.id - b.id)
          queues.putBack(back)
          for (const call of [...back].reverse()) model[call.site.band]?.unshift(call)
        } else if (step.do === 'look') {
          if (queues.waiting > 0) queues.bandInTurn()
          queues.highestBand()
        } else {
          if (all().length === 0) continue
          const isTurn = queues.isTurn()
          assert.is(isTurn, sinceTurn === AGING_PERIOD - 1)
          const highest = model.findLastIndex((own) => own.length > 0)
          const band = isTurn ? queues.bandInTurn() : queues.highestBand()
          if (!isTurn) assert.is(band, highest)
          const call = queues.oldest(band) as Call
          assert.is(call, model[band]?.shift())
          queues.shift(band)
          taken.push(call)
          sinceTurn = isTurn ? 0 : sinceTurn + 1
        }
        assert.is(queues.waiting, all().length)
      }
      assert.equal(
        [...queues.takeAll()].map((call) => call.id),
        all().map((call) => call.id),
      )
    }),
  )
})

test('no call waits for more than its turn: with n bands above it, some 61 times 7 calls for each that is older', () => {
  holds(
    fc.property(bandOf, fc.integer({ min: 1, max: 5 }), (low, ahead) => {
      const queues = new BandQueues()
      const push = (call: number, band: number): void =>
        queues.push({ id: call, site: { band }, slot: NOT_PLACED } as Call)
      for (let i = 0; i < ahead; i++) push(i, low)
      push(1_000_000, low)
      let takes = 0
      for (let next = 100; ; next++) {
        // Every band is always full.
        for (let band = 0; band < BANDS; band++) push(next, band)
        const band = queues.isTurn() ? queues.bandInTurn() : queues.highestBand()
        const call = queues.oldest(band) as Call
        queues.shift(band)
        takes++
        if (call.id === 1_000_000) break
      }
      assert.ok(takes <= AGING_PERIOD * BANDS * (ahead + 1), `${takes} were taken before`)
    }),
  )
})

test.run()
