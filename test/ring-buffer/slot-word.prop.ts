import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { poke } from '#atomics'
import {
  EMPTY,
  executorOf,
  generationOf,
  ORPHAN,
  packState,
  QUEUED,
  RUNNING,
  stateOf,
  tryClaim,
  WAITED,
  withState,
} from '../../lib/ring-buffer/index.js'
import { holds } from './property.js'

const fields = [
  fc.nat(6),
  fc.nat(63),
  fc.nat(2 ** 19 - 1),
  fc.constantFrom(0, WAITED, ORPHAN, WAITED | ORPHAN),
] as const

test('what is packed into a word comes out again, whatever else changes in it', () => {
  holds(
    fc.property(...fields, fc.nat(6), (state, executor, generation, flags, next) => {
      const word = packState(state, executor, generation) | flags
      assert.ok(word >= 0 && word < 2 ** 30)
      assert.equal([stateOf(word), executorOf(word), generationOf(word)], [state, executor, generation])
      assert.is(withState(word, next), packState(next, executor, generation) | flags)
    }),
  )
})

test('only a queued word is claimed, and the claim keeps flags and generation', () => {
  holds(
    fc.property(...fields, fc.nat(63), (state, pin, generation, flags, executor) => {
      const words = new Int32Array(new SharedArrayBuffer(4))
      poke(words, 0, packState(state, pin, generation) | flags)
      const claimed = tryClaim(words, 0, executor)
      assert.is(claimed, state === QUEUED ? packState(RUNNING, executor, generation) | flags : EMPTY)
    }),
  )
})

test.run()
