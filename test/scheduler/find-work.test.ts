import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { and, load, or, store } from '#atomics'
import { CANCELLED, DequeOwner, EMPTY, packState, QUEUED, RUNNING, stateOf } from '../../lib/ring-buffer/index.js'
import {
  AGING_PERIOD,
  BANDS,
  BandWriter,
  bitOf,
  DEFAULT_BAND,
  Finder,
  hasChildren,
  LIVE,
  STEALS,
  type TeamMemory,
} from '../../lib/scheduler/index.js'
import { inboxOf, makeTeam, queue, setWord, stateAndExecutor, wordOf } from './team.js'

const SELF = 1
const OTHER = 2

function make() {
  const memory = makeTeam()
  store(memory.words, LIVE, bitOf(1) | bitOf(2) | bitOf(3))
  const finder = new Finder(memory, SELF, 7919)
  const writer = new BandWriter(memory)
  const findAll = (): number[] => {
    const found: number[] = []
    for (let id = finder.find(); id !== EMPTY; id = finder.find()) found.push(id)
    return found
  }
  const steals = (): number => load(memory.words, memory.counters(SELF) + STEALS)
  return { memory, finder, writer, findAll, steals }
}

function dequeOf(memory: TeamMemory, worker: number): DequeOwner {
  const bottom = memory.dequeBottom(worker)
  const top = memory.dequeTop(worker)
  return new DequeOwner(memory.words, bottom, top, memory.dequeItems(worker), memory.dequeCapacity)
}

test('what is found is claimed by the word of its slot', () => {
  const { memory, finder, writer } = make()
  queue(memory, 4)
  writer.tryPush(4)
  writer.publish()
  assert.is(finder.find(), 4)
  assert.equal(stateAndExecutor(memory, 4), [RUNNING, SELF])
  assert.is(finder.find(), EMPTY)
})

test('hints to tasks that are cancelled, taken or gone are skipped', () => {
  const { memory, writer, findAll } = make()
  setWord(memory, 1, packState(CANCELLED, 0, 0))
  setWord(memory, 2, packState(RUNNING, OTHER, 0))
  queue(memory, 4)
  for (const id of [1, 2, 3, 4]) writer.tryPush(id)
  writer.publish()
  assert.equal(findAll(), [4])
  assert.equal(stateAndExecutor(memory, 1), [CANCELLED, 0])
  assert.equal(stateAndExecutor(memory, 2), [RUNNING, OTHER])
})

test('a second hint to a task does no harm', () => {
  const { memory, finder, writer, findAll } = make()
  const [child = EMPTY] = queue(memory, memory.slotsOf(SELF), 5)
  for (const id of [5, 5, child]) writer.tryPush(id)
  writer.tryPushTo(6, 5)
  writer.publish()
  finder.deque.tryPush(child)
  assert.equal(findAll(), [child, 5])
})

test('places are looked at in order: deque, higher bands, inbox, default, lower bands, the others', () => {
  const { memory, finder, writer, findAll } = make()
  const own = memory.slotsOf(SELF)
  const theirs = memory.slotsOf(OTHER)
  queue(memory, 1, 2, 3, 4, 5, 6, own, own + 1, theirs)
  dequeOf(memory, OTHER).tryPush(theirs)
  writer.tryPushTo(0, 6)
  writer.tryPushTo(2, 5)
  writer.tryPush(4)
  writer.publish()
  inboxOf(memory, SELF).tryPush(3)
  writer.tryPushTo(4, 2)
  writer.tryPushTo(6, 1)
  finder.deque.tryPush(own)
  finder.deque.tryPush(own + 1)
  assert.equal(findAll(), [own + 1, own, 1, 2, 3, 4, 5, 6, theirs])
})

test('a run of the default band is found in order', () => {
  const { memory, writer, findAll } = make()
  writer.setBatch(4)
  const ids = queue(memory, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
  for (const id of ids) writer.tryPush(id)
  writer.publish()
  assert.equal(findAll(), ids)
})

for (let band = 0; band < BANDS; band++) {
  test(`a task of band ${band} is found within 7·61 claims of its predecessor, though children never end`, () => {
    const { memory, finder, writer } = make()
    const waiting = queue(memory, 1, 2, 3)
    for (const id of waiting) {
      if (band === DEFAULT_BAND) writer.tryPush(id)
      else writer.tryPushTo(band, id)
    }
    writer.publish()
    const child = memory.slotsOf(SELF)
    for (const id of waiting) {
      let claims = 0
      for (let found = EMPTY; found !== id; claims++) {
        assert.ok(claims < BANDS * AGING_PERIOD, `not found after ${claims} claims`)
        if (finder.deque.isEmpty()) {
          queue(memory, child)
          finder.deque.tryPush(child)
        }
        found = finder.find()
        assert.ok(found === id || found === child, `${found} was found`)
      }
    }
  })
}

test('every band is served while all are full, and none takes more than its turn from the highest', () => {
  const { memory, finder, writer } = make()
  const found = new Array<number>(BANDS).fill(0)
  const ids = Array.from({ length: BANDS }, (_, band) => band)
  const push = (band: number): void => {
    queue(memory, band)
    if (band === DEFAULT_BAND) writer.tryPush(band)
    else writer.tryPushTo(band, band)
    writer.publish()
  }
  for (const band of ids) push(band)
  for (let claim = 0; claim < 10 * BANDS * AGING_PERIOD; claim++) {
    const band = finder.find()
    found[band] = (found[band] as number) + 1
    push(band)
  }
  for (const band of ids) assert.ok((found[band] as number) >= 10, `band ${band}: ${found[band]}`)
  for (const band of ids.slice(0, -1)) assert.ok((found[band] as number) <= 11, `band ${band}: ${found[band]}`)
})

test('half of an inbox is stolen, oldest first', () => {
  const { memory, finder, steals } = make()
  const theirs = inboxOf(memory, OTHER)
  for (const id of queue(memory, 1, 2, 3, 4, 5)) theirs.tryPush(id)
  assert.is(finder.find(), 1)
  assert.is(steals(), 3)
  assert.is(theirs.length, 2)
  assert.is(inboxOf(memory, SELF).length, 2)
})

test('what was stolen into the inbox can be stolen from there, and all of it is found once', () => {
  const { memory, finder } = make()
  const ids = queue(memory, 1, 2, 3, 4, 5, 6, 7)
  const theirs = inboxOf(memory, OTHER)
  for (const id of ids) theirs.tryPush(id)
  const third = new Finder(memory, 3, 104_729)
  const found: number[] = []
  for (let left = ids.length; left > 0; left--) found.push((left % 2 === 0 ? third : finder).find())
  assert.equal(found.sort(), ids)
  assert.equal([finder.find(), third.find()], [EMPTY, EMPTY])
})

test('the oldest child of another is stolen, one at a time', () => {
  const { memory, finder, steals } = make()
  const first = memory.slotsOf(OTHER)
  const theirs = dequeOf(memory, OTHER)
  for (const id of queue(memory, first, first + 1, first + 2)) theirs.tryPush(id)
  assert.is(finder.find(), first)
  assert.equal([steals(), theirs.length], [1, 2])
  assert.is(theirs.pop(), first + 2)
})

test('nothing is stolen from who is not live', () => {
  const { memory, finder } = make()
  store(memory.words, LIVE, bitOf(SELF))
  queue(memory, 1)
  inboxOf(memory, OTHER).tryPush(1)
  assert.is(finder.find(), EMPTY)
  or(memory.words, LIVE, bitOf(OTHER))
  assert.is(finder.find(), 1)
})

test('findChild looks into the own deque only', () => {
  const { memory, finder, writer } = make()
  const child = memory.slotsOf(SELF)
  queue(memory, 1, child)
  setWord(memory, child + 1, packState(CANCELLED, 0, 0))
  writer.tryPush(1)
  writer.publish()
  finder.deque.tryPush(child)
  finder.deque.tryPush(child + 1)
  assert.equal([finder.findChild(), finder.findChild(), finder.find()], [child, EMPTY, 1])
})

test('takeAt takes exactly the task that topAt has shown', () => {
  const { memory, finder, steals } = make()
  const first = memory.slotsOf(OTHER)
  const theirs = dequeOf(memory, OTHER)
  assert.is(finder.topAt(OTHER), EMPTY)
  for (const id of queue(memory, first, first + 1)) theirs.tryPush(id)
  assert.is(finder.topAt(OTHER), first)
  assert.not(finder.takeAt(OTHER, first + 1))
  assert.is(stateOf(wordOf(memory, first + 1)), QUEUED)
  assert.ok(finder.takeAt(OTHER, first))
  assert.equal(stateAndExecutor(memory, first), [RUNNING, SELF])
  assert.equal([finder.topAt(OTHER), steals()], [first + 1, 1])
})

test('takeAt fails when the task was cancelled', () => {
  const { memory, finder, steals } = make()
  const first = memory.slotsOf(OTHER)
  setWord(memory, first, packState(CANCELLED, 0, 0))
  dequeOf(memory, OTHER).tryPush(first)
  assert.not(finder.takeAt(OTHER, first))
  assert.is(steals(), 0)
})

test('hasWork sees a hint in any queue and takes none', () => {
  const places: ((team: ReturnType<typeof make>) => void)[] = [
    ({ finder }) => finder.deque.tryPush(1),
    ({ writer }) => writer.tryPushTo(6, 1),
    ({ writer }) => writer.tryPushTo(0, 1),
    ({ memory }) => inboxOf(memory, SELF).tryPush(1),
    ({ memory }) => inboxOf(memory, OTHER).tryPush(1),
    ({ memory }) => dequeOf(memory, OTHER).tryPush(1),
    ({ writer }) => {
      writer.tryPush(1)
      writer.publish()
    },
  ]
  for (const place of places) {
    const team = make()
    assert.not(team.finder.hasWork())
    place(team)
    queue(team.memory, 1)
    assert.equal([team.finder.hasWork(), team.finder.hasWork()], [true, true])
    assert.equal(team.findAll(), [1])
    assert.not(team.finder.hasWork())
  }
})

test('hasChildren sees a hint in any deque of a live worker, and nothing else', () => {
  const { finder, memory, writer } = make()
  writer.tryPush(2)
  writer.publish()
  inboxOf(memory, OTHER).tryPush(2)
  assert.not(hasChildren(memory))
  for (const deque of [finder.deque, dequeOf(memory, OTHER)]) {
    deque.tryPush(1)
    assert.ok(hasChildren(memory))
    deque.pop()
    assert.not(hasChildren(memory))
  }
  dequeOf(memory, OTHER).tryPush(1)
  and(memory.words, LIVE, ~bitOf(OTHER))
  assert.not(hasChildren(memory))
})

test('hasHostWork looks at the default band only', () => {
  const { finder, writer } = make()
  writer.tryPushTo(6, 1)
  assert.not(finder.hasHostWork())
  writer.tryPush(2)
  writer.publish()
  assert.ok(finder.hasHostWork())
})

test.run()
