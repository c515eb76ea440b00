import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Member, team } from './team.js'

/** How often the writer has heard that a payload was read. */
function saidRead({ heard }: Member): number {
  return heard.filter((announcement) => 'free' in announcement).length
}

test('what a result refers to is held until its reader says that it has it', () => {
  const { reader, writer, id, slot, kinds } = team()
  writer.carrier.writeResult(id, new SharedArrayBuffer(8), 'task')
  assert.is(saidRead(writer), 0)
  assert.instance(reader.carrier.readResult(slot, kinds()), SharedArrayBuffer)
  assert.is(saidRead(writer), 1)
})

test('a reader that dies before it reads: who recovers the slot says that nobody needs it', () => {
  const { host, writer, id, kinds, slot } = team()
  writer.carrier.writeResult(id, new SharedArrayBuffer(8), 'task')
  host.carrier.releaseUnread(id)
  assert.is(saidRead(writer), 1)
  host.carrier.releaseResult(slot, kinds())
  assert.is(saidRead(writer), 1, 'once')
})

test('a reader that dies while it reads: what it held is let go of by who recovers the slot', () => {
  const { host, reader, writer, id, slot, kinds } = team()
  writer.carrier.writeResult(id, new SharedArrayBuffer(8), 'task')
  reader.post = () => {
    throw new Error('killed')
  }
  assert.throws(() => reader.carrier.readResult(slot, kinds()), 'killed')
  assert.is(saidRead(writer), 0)
  host.carrier.releaseUnread(id)
  assert.is(saidRead(writer), 1)
})

test('memory that a reader has given back is given back once', () => {
  const { host, reader, writer, id, slot, kinds } = team()
  const text = 'x'.repeat(2_000_000) // a buffer of its own
  writer.carrier.writeResult(id, text, 'task')
  assert.is(reader.carrier.readResult(slot, kinds()), text)
  host.carrier.releaseUnread(id)
  assert.is(saidRead(writer), 1)
})

test('a slot whose result nobody has read is used again', () => {
  const { host, writer, id } = team()
  writer.carrier.writeResult(id, { a: [1], shared: new SharedArrayBuffer(8) }, 'task')
  host.carrier.releaseUnread(id)
  writer.carrier.writeResult(id, 5, 'task')
  host.carrier.releaseUnread(id)
  assert.is(saidRead(writer), 1)
})

test.run()
