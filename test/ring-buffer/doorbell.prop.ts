import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { poke } from '#atomics'
import { Doorbell } from '../../lib/ring-buffer/index.js'
import { holds, startIndex } from './property.js'

const step = fc.record({ kind: fc.constantFrom('ring', 'prepare', 'cancel', 'commit'), waiter: fc.nat(2) })

test('a commit is rung if and only if there was a ring since its prepare, over the wrap of the count', () => {
  holds(
    fc.property(startIndex, fc.array(step, { maxLength: 60 }), (start, steps) => {
      const words = new Int32Array(new SharedArrayBuffer(8))
      poke(words, 0, start)
      const bell = new Doorbell(words, 0)
      let rings = 0
      const prepared = new Map<number, { seen: number; rings: number }>()
      for (const { kind, waiter } of steps) {
        const own = prepared.get(waiter)
        if (kind === 'ring') {
          bell.ring()
          rings++
        } else if (kind === 'prepare') prepared.set(waiter, { seen: bell.prepare(), rings })
        else if (own !== undefined) {
          if (kind === 'commit') assert.is(bell.commit(own.seen, 0), rings > own.rings ? 'rung' : 'timed-out')
          else bell.cancel()
          prepared.delete(waiter)
        }
      }
    }),
  )
})

test.run()
