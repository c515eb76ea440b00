import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ARG0, ARG1, RESULT, SLOT_WORDS } from '../../../lib/scheduler/index.js'
import { MOST_SLOT_TEXT, SlotTexts, tryWriteText } from '../../../lib/workers/codec/slot-texts.js'
import { holds } from '../../ring-buffer/property.js'

const PLACES = [ARG0, ARG1, RESULT]
const anyShortText = fc.array(fc.integer({ min: 0, max: 0xff }), { maxLength: MOST_SLOT_TEXT })
const textOf = (codes: readonly number[]): string => String.fromCharCode(...codes)

test('three texts lie in a slot side by side, and are read as they were written, again and again', () => {
  const texts = new SlotTexts()
  holds(
    fc.property(fc.array(fc.tuple(anyShortText, anyShortText, anyShortText), { maxLength: 20 }), (rounds) => {
      const words = new Int32Array(3 * SLOT_WORDS)
      for (const round of [...rounds, ...rounds]) {
        for (const [i, codes] of round.entries())
          assert.ok(tryWriteText(words, SLOT_WORDS, PLACES[i] as number, textOf(codes)))
        for (const [i, codes] of round.entries())
          assert.is(texts.read(words, SLOT_WORDS, PLACES[i] as number), textOf(codes))
      }
      assert.ok([...words.subarray(0, SLOT_WORDS), ...words.subarray(2 * SLOT_WORDS)].every((word) => word === 0))
    }),
  )
})

test('a text that is too long, or has a wide character, does not fit', () => {
  const words = new Int32Array(SLOT_WORDS)
  assert.ok(tryWriteText(words, 0, RESULT, 'ÿ'.repeat(MOST_SLOT_TEXT)))
  assert.not(tryWriteText(words, 0, RESULT, 'y'.repeat(MOST_SLOT_TEXT + 1)))
  for (const at of [0, 1, 7, MOST_SLOT_TEXT - 1])
    assert.not(tryWriteText(words, 0, RESULT, `${'y'.repeat(at)}ж${'y'.repeat(MOST_SLOT_TEXT - 1 - at)}`))
})

test('a length that nobody has written is a RangeError, and what follows a text does not count', () => {
  const texts = new SlotTexts()
  const words = new Int32Array(SLOT_WORDS).fill(-1)
  assert.throws(() => texts.read(words, 0, ARG0), RangeError)
  words[2 * ARG0] = 0x7fff_6101 // one character, then garbage
  assert.is(texts.read(words, 0, ARG0), 'a')
})

test.run()
