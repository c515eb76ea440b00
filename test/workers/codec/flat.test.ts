import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { flatBytes, isFlat, readFlat, writeFlat } from '../../../lib/workers/codec/flat.js'

function travel(values: readonly unknown[]): unknown[] {
  const buffer = Buffer.alloc(flatBytes(values), 0xff)
  return readFlat(buffer.subarray(0, writeFlat(values, buffer, 0)))
}

test('every primitive that is flat comes back', () => {
  const values = [undefined, null, true, false, 0, 1.5, -1e300, Infinity, -Infinity, '', 'text', 'größer', '漢字', '👍']
  assert.ok(isFlat(values))
  assert.equal(travel(values), values)
})

test('NaN and -0 keep what they are', () => {
  const [nan, zero] = travel([Number.NaN, -0])
  assert.ok(Object.is(nan, Number.NaN))
  assert.ok(Object.is(zero, -0))
})

test('a list of nothing comes back', () => {
  assert.ok(isFlat([]))
  assert.equal(travel([]), [])
})

test('lone surrogates, NUL and the edges of Latin-1 survive', () => {
  const values = ['\ud800', 'x\udfff', '\0', '\u00ff', '\u0100', '\uffff', '\ufeff', '\ufffd']
  assert.equal(travel(values), values)
})

test('strings of each length around the limit of the loop come back', () => {
  for (const length of [1, 23, 24, 25, 26, 1000, 70_000]) {
    const values = ['a', 'ÿ', 'Ā', '\udc00'].flatMap((c) => [c.repeat(length), 'a'.repeat(length - 1) + c])
    assert.equal(travel(values), values, `${length} characters`)
  }
})

test('what is no primitive of a slot is not flat', () => {
  for (const value of [{}, [], 1n, Symbol('s'), () => 0, new Date(0), Object('boxed')]) {
    assert.not(isFlat([1, value]))
  }
})

test('values are written from the start that is given, and nowhere else', () => {
  const values = ['before', 2, null, 'Ω']
  const bytes = flatBytes(values)
  const buffer = Buffer.alloc(bytes + 40, 0xee)
  const used = writeFlat(values, buffer, 20)
  assert.ok(used <= bytes)
  assert.ok(buffer.subarray(0, 20).every((byte) => byte === 0xee))
  assert.ok(buffer.subarray(20 + bytes).every((byte) => byte === 0xee))
  assert.equal(readFlat(buffer.subarray(20, 20 + used)), values)
})

test('Latin-1 takes a byte per character, other text two', () => {
  for (const length of [10, 100]) {
    const buffer = Buffer.alloc(1000)
    assert.is(writeFlat(['é'.repeat(length)], buffer, 0), 9 + length)
    assert.is(writeFlat(['ē'.repeat(length)], buffer, 0), 9 + 2 * length)
  }
})

test('bytes that are no flat list are refused', () => {
  const values = ['a string of some length', 1.5]
  const buffer = Buffer.alloc(flatBytes(values))
  const bytes = buffer.subarray(0, writeFlat(values, buffer, 0))
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => readFlat(bytes.subarray(0, length)), RangeError, `${length} bytes`)
  }
  const wrongTag = Buffer.from(bytes)
  wrongTag[4] = 77
  assert.throws(() => readFlat(wrongTag), /77/)
  const wrongCount = Buffer.from(bytes)
  wrongCount.writeUInt32LE(2 ** 32 - 1, 0)
  assert.throws(() => readFlat(wrongCount), RangeError)
})

test.run()
