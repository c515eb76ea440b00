import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { PayloadError } from '../../../lib/errors.js'
import { KINDS, RESULT_LENGTH, RESULT_OFFSET } from '../../../lib/scheduler/index.js'
import { LATIN1_BLOCK, RESULT_SHIFT, UTF16_BLOCK } from '../../../lib/workers/codec/kinds.js'
import { holds } from '../../ring-buffer/property.js'
import { anyText } from '../../support/arbitrary-values.js'
import { ARENA_BYTES, team } from './team.js'

const CALL = 0

test('a long text is a result in a block of its own, one byte or two for each character', () => {
  const { reader, writer, id, slot, kinds } = team()
  for (const [text, kind] of [
    ['x'.repeat(20), LATIN1_BLOCK],
    ['\u00ff'.repeat(5_000), LATIN1_BLOCK],
    ['\u0436', UTF16_BLOCK],
    [`${'x'.repeat(5_000)}\ud800`, UTF16_BLOCK],
  ] as const) {
    writer.carrier.writeResult(id, text, 'task')
    assert.is((kinds() >> RESULT_SHIFT) & 15, kind)
    assert.is(reader.carrier.readResult(slot, kinds()), text)
  }
})

test('any text is the same as a result, and as an argument beside others', () => {
  const { host, memory, reader, writer, id, slot, kinds } = team()
  const anyArgs = fc.array(fc.oneof(anyText, fc.integer(), fc.constant(null)), { minLength: 1, maxLength: 3 })
  holds(
    fc.property(anyText, anyArgs, (text, args) => {
      writer.carrier.writeResult(id, text, 'task')
      assert.is(reader.carrier.readResult(slot, kinds()), text)
      assert.ok(host.carrier.writeArguments(CALL, args, 0))
      assert.equal(writer.carrier.readArguments(CALL), args)
      host.carrier.releaseArguments(memory.slot(CALL), memory.words[memory.slot(CALL) + KINDS]!) // owned: there is one thread
    }),
  )
})

test('a call that is taken back has its text, and its block is given back', () => {
  const { host, memory } = team()
  const call = memory.slot(CALL)
  const text = 'y'.repeat(ARENA_BYTES / 4)
  for (let i = 0; i < 20; i++) {
    assert.ok(host.carrier.writeArguments(CALL, [i, text], 0), `the arena is full at ${i}`)
    assert.equal(host.carrier.retakeArguments(CALL), [i, text])
    host.carrier.releaseArguments(call, memory.words[call + KINDS]!) // owned: there is one thread
  }
})

test('blocks of results are given back, read or not', () => {
  const { host, reader, writer, id, slot, kinds } = team()
  const text = '\u0436'.repeat(ARENA_BYTES / 8)
  for (let i = 0; i < 20; i++) {
    writer.carrier.writeResult(id, text, 'task')
    assert.is((kinds() >> RESULT_SHIFT) & 15, UTF16_BLOCK, `the arena is full at ${i}`)
    if (i % 3 === 0) assert.is(reader.carrier.readResult(slot, kinds()), text)
    else if (i % 3 === 1) writer.carrier.releaseResult(slot, kinds())
    else host.carrier.releaseUnread(id)
  }
})

test('what does not fit into the arena now, or at all, is a payload', () => {
  const { host, memory, reader, writer, id, slot, kinds } = team()
  const half = 'z'.repeat(0.6 * ARENA_BYTES)
  const other = memory.slotsOf(1) + 1
  writer.carrier.writeResult(other, half, 'task')
  for (const text of [half, '\u0436'.repeat(ARENA_BYTES)]) {
    writer.carrier.writeResult(id, text, 'task')
    assert.ok(((kinds() >> RESULT_SHIFT) & 15) > UTF16_BLOCK)
    assert.is(reader.carrier.readResult(slot, kinds()), text)
  }
  assert.ok(host.carrier.writeArguments(CALL, [half], 0))
  assert.not(host.carrier.writeArguments(CALL + 1, [half], 0), 'arguments wait for room')
})

test('a length or an offset that nobody has written is a PayloadError', () => {
  const { memory, reader, writer, id, slot, kinds } = team()
  const { words } = memory
  writer.carrier.writeResult(id, 'x'.repeat(30), 'task')
  const written = kinds()
  for (const [offset, length] of [
    [words[slot + RESULT_OFFSET]!, 2 ** 31 - 1],
    [words[slot + RESULT_OFFSET]!, -1],
    [-64, 30],
    [ARENA_BYTES, 30],
    [2 ** 31 - 1, 2 ** 31 - 1],
  ] as const) {
    words[slot + RESULT_OFFSET] = offset
    words[slot + RESULT_LENGTH] = length
    assert.throws(
      () => reader.carrier.readResult(slot, written),
      (error: unknown) => error instanceof PayloadError,
    )
  }
})

test.run()
