import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Latch } from '../../lib/ring-buffer/index.js'
import { holds } from './property.js'

test('a latch does what a boolean does that is never cleared', () => {
  holds(
    fc.property(fc.array(fc.constantFrom('set', 'probe', 'wait', 'waitAsync'), { maxLength: 20 }), (steps) => {
      const region = Latch.create({})
      const latches = [Latch.of(region), Latch.of(region)] as const
      let model = false
      for (const [n, step] of steps.entries()) {
        const latch = latches[n % 2] as Latch
        if (step === 'set') {
          latch.set()
          model = true
        } else if (step === 'probe') assert.is(latch.probe(), model)
        else if (step === 'wait') assert.is(latch.wait(0), model)
        else assert.is(latch.waitAsync(0), model)
      }
    }),
  )
})

test.run()
