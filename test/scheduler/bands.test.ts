import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { poke } from '#atomics'
import { EMPTY, INDEX_MASK } from '../../lib/ring-buffer/index.js'
import { BANDS, BATCH_SHIFT, BandReader, BandWriter, DEFAULT_BAND, type TeamMemory } from '../../lib/scheduler/index.js'
import { inboxOf, makeTeam } from './team.js'

function make(memory: TeamMemory = makeTeam()) {
  const writer = BandWriter.attach(memory)
  const reader = new BandReader(memory)
  const inbox = inboxOf(memory, 1)
  const take = (): number => reader.takeDefault(reader.bands(), inbox)
  const push = (...ids: number[]): boolean[] => ids.map((id) => writer.tryPush(id))
  return { memory, writer, reader, inbox, take, push }
}

test('tasks of the default band come out in the order in which they were pushed', () => {
  const { writer, take, push } = make()
  for (const id of [0, 4, 2]) {
    push(id)
    writer.publish()
  }
  push(9, 1, 8)
  writer.publish()
  assert.equal([take(), take(), take(), take(), take(), take(), take()], [0, 4, 2, 9, 1, 8, EMPTY])
})

test('nobody sees a task before it is published', () => {
  const { writer, reader, take, push } = make()
  push(0, 4)
  assert.is(writer.unpublished, 2)
  assert.equal([reader.hasDefault(), reader.hasAny(), take()], [false, false, EMPTY])
  writer.publish()
  assert.is(writer.unpublished, 0)
  assert.equal([reader.hasDefault(), reader.hasAny(), take()], [true, true, 0])
})

test('a lone task is taken from the express word, without a look at the ring', () => {
  const { memory, writer, take, push } = make()
  push(7)
  writer.publish()
  poke(memory.words, memory.bandItems(DEFAULT_BAND), 12)
  assert.is(take(), 7)
})

test('an express word that names an earlier index is left alone', () => {
  const { writer, take, push } = make()
  push(7)
  writer.publish()
  assert.is(take(), 7)
  push(8, 9)
  writer.publish()
  assert.equal([take(), take(), take()], [8, 9, EMPTY])
})

test('an express word that names a later index is left alone', () => {
  const { writer, take, push } = make()
  push(0, 8)
  writer.publish()
  push(9)
  writer.publish()
  assert.equal([take(), take(), take(), take()], [0, 8, 9, EMPTY])
})

test('the express word of fresh memory names no task', () => {
  const { writer, take, push } = make()
  push(3, 4)
  writer.publish()
  assert.equal([take(), take(), take()], [3, 4, EMPTY])
})

test('an express word is left alone when the bits of its index come round', () => {
  const { writer, take, push } = make()
  push(7)
  writer.publish()
  take()
  const ROUND = 2 ** 17
  for (let index = 1; index < ROUND; index += 2) {
    push(1)
    if (index + 1 < ROUND) push(2)
    else push(5) // index 2^17, whose tag is that of index 0
    writer.publish()
    const taken = [take(), take()]
    if (index + 1 === ROUND) assert.equal(taken, [1, 5])
  }
})

test('indices of the default band wrap', () => {
  const memory = makeTeam()
  poke(memory.words, memory.bandBack(DEFAULT_BAND), INDEX_MASK - 2)
  poke(memory.words, memory.bandFront(DEFAULT_BAND), INDEX_MASK - 2)
  const { writer, take, push } = make(memory)
  for (let id = 1; id < 10; id++) {
    push(id)
    if (id % 3 !== 2) writer.publish()
  }
  assert.equal(
    Array.from({ length: 10 }, () => take()),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, EMPTY],
  )
})

test('a batch takes half of the tasks into the inbox, at most as many as the host allows', () => {
  const { writer, reader, inbox, take, push } = make()
  writer.setBatch(4)
  assert.is(reader.bands() >> BATCH_SHIFT, 4)
  push(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
  writer.publish()
  assert.is(take(), EMPTY)
  assert.equal([inbox.take(), inbox.take(), inbox.take(), inbox.take(), inbox.take()], [1, 2, 3, 4, EMPTY])
  assert.is(take(), EMPTY)
  assert.equal([inbox.take(), inbox.take(), inbox.take(), inbox.take()], [5, 6, 7, EMPTY])
  assert.is(writer.backlog, 3)
})

test('the last task is handed over itself, whatever the batch', () => {
  const { writer, inbox, take, push } = make()
  writer.setBatch(32)
  push(1, 2, 3)
  writer.publish()
  assert.is(take(), EMPTY)
  assert.is(inbox.length, 2)
  assert.is(take(), 3)
  assert.is(inbox.length, 2)
})

test('one task at a time is taken again after the batch was set back', () => {
  const { writer, inbox, take, push } = make()
  writer.setBatch(8)
  writer.setBatch(1)
  push(0, 2)
  writer.publish()
  assert.equal([take(), take(), inbox.length], [0, 2, 0])
})

test('other bands are published at once and have a bit each', () => {
  const { writer, reader } = make()
  assert.is(reader.bands() & ((1 << BANDS) - 1), 0)
  assert.ok(writer.tryPushTo(5, 1))
  assert.ok(writer.tryPushTo(0, 2))
  assert.is(reader.bands() & ((1 << BANDS) - 1), (1 << 5) | 1)
  assert.is(writer.backlog, 2)
  assert.ok(reader.hasAny())
  assert.not(reader.hasDefault())
})

test('the highest band is taken first, above the default and below it', () => {
  const { writer, reader } = make()
  for (const [band, id] of [
    [4, 1],
    [6, 2],
    [5, 3],
    [6, 4],
    [0, 5],
    [2, 6],
    [1, 7],
  ] as const) {
    writer.tryPushTo(band, id)
  }
  const bands = reader.bands()
  const above = Array.from({ length: 5 }, () => reader.takeAbove(bands))
  const below = Array.from({ length: 4 }, () => reader.takeBelow(bands))
  assert.equal(
    [above, below],
    [
      [2, 4, 3, 1, EMPTY],
      [6, 7, 5, EMPTY],
    ],
  )
})

test('who does not know of a band does not look into it', () => {
  const { writer, reader } = make()
  writer.tryPushTo(6, 1)
  writer.tryPushTo(0, 2)
  assert.equal([reader.takeAbove(0), reader.takeBelow(0)], [EMPTY, EMPTY])
})

test('tidy clears the bits of empty bands and of no others, and keeps the batch', () => {
  const { writer, reader } = make()
  writer.setBatch(16)
  writer.tryPushTo(6, 1)
  writer.tryPushTo(1, 2)
  writer.tidy()
  assert.is(reader.bands(), (16 << BATCH_SHIFT) | (1 << 6) | (1 << 1))
  reader.takeAbove(reader.bands())
  writer.tidy()
  assert.is(reader.bands(), (16 << BATCH_SHIFT) | (1 << 1))
  writer.tryPushTo(6, 3)
  assert.is(reader.takeAbove(reader.bands()), 3)
})

test('a full ring refuses until a task is taken', () => {
  const { memory, writer, reader, take, push } = make()
  for (let id = 0; id < memory.bandCapacity; id++) {
    assert.ok(writer.tryPush(id))
    assert.ok(writer.tryPushTo(4, id))
  }
  writer.publish()
  assert.equal([push(1), writer.tryPushTo(4, 1)], [[false], false])
  assert.is(writer.backlog, 2 * memory.bandCapacity)
  assert.equal([take(), reader.takeAbove(reader.bands())], [0, 0])
  assert.equal([push(1), writer.tryPushTo(4, 1)], [[true], true])
  assert.equal([push(1), writer.tryPushTo(4, 1)], [[false], false])
})

test('aging takes from each band in turn and skips the empty ones', () => {
  const { writer, reader, push } = make()
  for (const id of [1, 2]) {
    writer.tryPushTo(6, 10 + id)
    writer.tryPushTo(1, 20 + id)
    push(id)
  }
  writer.publish()
  const taken = Array.from({ length: 7 }, () => reader.takeInTurn())
  assert.equal(taken, [21, 1, 11, 22, 2, 12, EMPTY])
})

test('a new writer goes on where the last one ended', () => {
  const { memory, writer, reader, take, push } = make()
  push(5)
  writer.publish()
  writer.tryPushTo(6, 9)
  const next = BandWriter.attach(memory)
  next.tryPush(6)
  next.publish()
  assert.equal([take(), take(), take()], [5, 6, EMPTY])
  assert.is(reader.takeAbove(reader.bands()), 9)
})

test.run()
