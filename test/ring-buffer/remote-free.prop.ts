import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { NO_BLOCK, RemoteFreeStack } from '../../lib/ring-buffer/index.js'
import { holds } from './property.js'

const BLOCKS = 8
const BLOCK_WORDS = 2

test('whoever pushes, the owner finds the blocks in the reverse order of their pushes', () => {
  const step = fc.record({ by: fc.nat(2), block: fc.integer({ min: 1, max: BLOCKS }), take: fc.boolean() })
  holds(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const words = new Int32Array(new SharedArrayBuffer((BLOCKS + 1) * BLOCK_WORDS * 4))
      const stacks = [0, 1, 2].map(() => new RemoteFreeStack(words, 0))
      const [owner] = stacks as [RemoteFreeStack]
      let model: number[] = []
      for (const { by, block, take } of steps) {
        if (!model.includes(block * BLOCK_WORDS)) {
          stacks[by]?.push(block * BLOCK_WORDS)
          model.unshift(block * BLOCK_WORDS)
        }
        if (!take) continue
        let found = owner.takeAll()
        for (const expected of model) {
          assert.is(found, expected)
          found = owner.next(found)
        }
        assert.is(found, NO_BLOCK)
        model = []
      }
    }),
  )
})

test.run()
