import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { load, poke } from '#atomics'
import {
  CANCELLED,
  CONDEMNED,
  DONE,
  EMPTY,
  executorOf,
  FREE,
  generationOf,
  LOST,
  ORPHAN,
  packState,
  QUEUED,
  RUNNING,
  stateOf,
  tryClaim,
  WAITED,
  withState,
} from '../../lib/ring-buffer/index.js'

const LAST_GENERATION = 2 ** 19 - 1

test('a word holds state, executor and generation apart, in 30 bits', () => {
  for (const state of [FREE, QUEUED, RUNNING, DONE, CANCELLED, LOST, CONDEMNED]) {
    const word = packState(state, 63, LAST_GENERATION) | WAITED | ORPHAN
    assert.ok(word >= 0 && word < 2 ** 30)
    assert.equal([stateOf(word), executorOf(word), generationOf(word)], [state, 63, LAST_GENERATION])
  }
  assert.is(generationOf(packState(FREE, 0, LAST_GENERATION + 1)), 0)
})

test('withState changes the state alone', () => {
  const word = packState(RUNNING, 5, 77) | WAITED | ORPHAN
  assert.is(withState(word, DONE), packState(DONE, 5, 77) | WAITED | ORPHAN)
})

test('tryClaim on words claims what is queued, keeps its flags, and says what it wrote', () => {
  const words = new Int32Array(new SharedArrayBuffer(4))
  poke(words, 0, packState(QUEUED, 9, 3) | WAITED)
  const claimed = tryClaim(words, 0, 7)
  assert.is(claimed, packState(RUNNING, 7, 3) | WAITED)
  assert.is(load(words, 0), claimed)
  for (const state of [FREE, RUNNING, DONE, CANCELLED, LOST, CONDEMNED]) {
    poke(words, 0, packState(state, 0, 3))
    assert.is(tryClaim(words, 0, 7), EMPTY)
    assert.is(load(words, 0), packState(state, 0, 3))
  }
})

test.run()
