import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compareExchange, load, store } from '#atomics'
import {
  CANCELLED,
  CONDEMNED,
  DequeOwner,
  DONE,
  FREE,
  generationOf,
  INDEX_MASK,
  LOST,
  ORPHAN,
  packState,
  QUEUED,
  RUNNING,
  stateOf,
  WAITED,
} from '../../lib/ring-buffer/index.js'
import {
  bitOf,
  deathsWord,
  HOST,
  hasDone,
  LISTENING,
  LIVE,
  pushDone,
  recover,
  SEARCHING,
  SLEEPING,
  STATE,
} from '../../lib/scheduler/index.js'
import { makeTeam, setWord, wordOf } from './team.js'

const DEAD = 2
const OTHER = 3
const SUBMITTER = 1
const GENERATION = 77

interface Case {
  readonly name: string
  readonly before: number
  readonly after: number
  readonly in?: 'lost' | 'queued'
  readonly told?: boolean
}

const word = (state: number, executor: number, flags = 0): number => packState(state, executor, GENERATION) | flags

const living: readonly Case[] = [
  { name: 'free', before: word(FREE, 0), after: word(FREE, 0) },
  { name: 'queued', before: word(QUEUED, 0), after: word(QUEUED, 0), in: 'queued' },
  { name: 'running by the dead', before: word(RUNNING, DEAD), after: word(LOST, DEAD), in: 'lost', told: true },
  { name: 'running by another', before: word(RUNNING, OTHER), after: word(RUNNING, OTHER) },
  {
    name: 'running by the dead, with somebody waiting',
    before: word(RUNNING, DEAD, WAITED),
    after: word(LOST, DEAD, WAITED),
    in: 'lost',
    told: true,
  },
  {
    name: 'condemned with the dead',
    before: word(CONDEMNED, DEAD),
    after: word(CANCELLED, DEAD),
    in: 'lost',
    told: true,
  },
  { name: 'condemned with another', before: word(CONDEMNED, OTHER), after: word(CONDEMNED, OTHER) },
  { name: 'done by the dead', before: word(DONE, DEAD), after: word(DONE, DEAD, ORPHAN), told: true },
  { name: 'done by another', before: word(DONE, OTHER), after: word(DONE, OTHER) },
  { name: 'an orphan that the dead was running', before: word(RUNNING, DEAD, ORPHAN), after: word(FREE, 0) },
  { name: 'an orphan, condemned with the dead', before: word(CONDEMNED, DEAD, ORPHAN), after: word(FREE, 0) },
  { name: 'an orphan of another', before: word(RUNNING, OTHER, ORPHAN), after: word(RUNNING, OTHER, ORPHAN) },
  { name: 'cancelled', before: word(CANCELLED, 0), after: word(CANCELLED, 0) },
  { name: 'lost before', before: word(LOST, OTHER), after: word(LOST, OTHER) },
]

for (const submitter of [HOST, SUBMITTER]) {
  const whose = submitter === HOST ? 'the host' : 'a living worker'
  for (const { name, before, after, in: list, told = false } of living) {
    test(`a slot of ${whose} that is ${name} is judged`, () => {
      const memory = makeTeam()
      const id = memory.slotsOf(submitter) + 3
      setWord(memory, id, before)
      const { lost, queued } = recover(memory, DEAD)
      assert.is(wordOf(memory, id), after)
      assert.equal([lost, queued], [list === 'lost' ? [id] : [], list === 'queued' ? [id] : []])
      const deaths = load(memory.words, deathsWord(memory, SUBMITTER))
      assert.is(deaths, told && submitter !== HOST ? bitOf(DEAD) : 0)
    })
  }
}

const ownCases: readonly Case[] = [
  { name: 'free', before: word(FREE, 0), after: word(FREE, 0) },
  { name: 'queued', before: word(QUEUED, 0), after: word(FREE, 0) },
  { name: 'queued, with somebody waiting', before: word(QUEUED, 0, WAITED), after: word(FREE, 0) },
  { name: 'queued again by the executor of an orphan', before: word(QUEUED, 0, ORPHAN), after: word(FREE, 0) },
  { name: 'running by itself', before: word(RUNNING, DEAD, WAITED), after: word(FREE, 0) },
  { name: 'condemned with itself', before: word(CONDEMNED, DEAD), after: word(FREE, 0) },
  { name: 'running by another', before: word(RUNNING, OTHER), after: word(RUNNING, OTHER, ORPHAN) },
  { name: 'condemned with another', before: word(CONDEMNED, OTHER), after: word(CONDEMNED, OTHER, ORPHAN) },
  {
    name: 'left behind by its predecessor',
    before: word(RUNNING, OTHER, ORPHAN),
    after: word(RUNNING, OTHER, ORPHAN),
  },
  { name: 'done by itself', before: word(DONE, DEAD), after: word(FREE, 0) },
  { name: 'done and about to be recorded', before: word(DONE, OTHER), after: word(DONE, OTHER) },
  { name: 'done by another that died before', before: word(DONE, OTHER, ORPHAN), after: word(FREE, 0) },
  { name: 'cancelled', before: word(CANCELLED, 0), after: word(FREE, 0) },
  { name: 'lost', before: word(LOST, OTHER), after: word(FREE, 0) },
]

for (const { name, before, after } of ownCases) {
  test(`a slot of the dead that is ${name} is withdrawn, or left to its executor`, () => {
    const memory = makeTeam()
    const id = memory.slotsOf(DEAD) + 3
    setWord(memory, id, before)
    const { lost, queued, unread } = recover(memory, DEAD)
    assert.is(wordOf(memory, id), after)
    assert.is(generationOf(wordOf(memory, id)), GENERATION)
    const isFreed = stateOf(before) === DONE && after !== before
    assert.equal([lost, queued, unread], [[], [], isFreed ? [id] : []])
  })
}

test('a slot of the dead that is done and recorded is withdrawn', () => {
  const memory = makeTeam()
  const id = memory.slotsOf(DEAD) + 3
  setWord(memory, id, word(DONE, OTHER))
  pushDone(memory, DEAD, id)
  recover(memory, DEAD)
  assert.is(wordOf(memory, id), word(FREE, 0))
})

test('a condemned child of the dead is freed by the death of its executor, and is nobody’s loss', () => {
  const memory = makeTeam()
  const id = memory.slotsOf(DEAD) + 3
  setWord(memory, id, word(CONDEMNED, OTHER))
  assert.equal(recover(memory, DEAD), { lost: [], queued: [], unread: [] })
  assert.is(stateOf(wordOf(memory, id)), CONDEMNED)
  assert.equal(recover(memory, OTHER), { lost: [], queued: [], unread: [] })
  assert.is(wordOf(memory, id), word(FREE, 0))
  assert.is(load(memory.words, deathsWord(memory, DEAD)), 0)
})

const overtaken: readonly (readonly [name: string, judged: number, meanwhile: number, after: number])[] = [
  ['claimed', word(QUEUED, 0), word(RUNNING, OTHER), word(RUNNING, OTHER, ORPHAN)],
  ['completed', word(RUNNING, OTHER), word(DONE, OTHER), word(DONE, OTHER)],
  ['condemned', word(RUNNING, OTHER), word(CONDEMNED, OTHER), word(CONDEMNED, OTHER, ORPHAN)],
  ['queued again', word(RUNNING, OTHER), word(QUEUED, 0), word(FREE, 0)],
]
for (const [name, judged, meanwhile, after] of overtaken) {
  test(`a slot of the dead that is ${name} while recovery judges it is judged anew`, () => {
    const memory = makeTeam()
    const id = memory.slotsOf(DEAD) + 3
    setWord(memory, id, judged)
    const { load: original } = Atomics
    Atomics.load = ((words: Int32Array, index: number) => {
      const found = original(words, index)
      if (index === memory.slot(id) + STATE && found === judged) setWord(memory, id, meanwhile)
      return found
    }) as typeof original
    try {
      recover(memory, DEAD)
    } finally {
      Atomics.load = original
    }
    assert.is(wordOf(memory, id), after)
  })
}

test('every slot is looked at: the first and the last of each participant', () => {
  const memory = makeTeam()
  const ids = Array.from({ length: memory.slotCount }, (_, id) => id)
  for (const id of ids) setWord(memory, id, packState(QUEUED, 0, id))
  const { queued } = recover(memory, DEAD)
  const others = ids.filter((id) => memory.submitterOf(id) !== DEAD)
  assert.equal(queued, others)
  for (const id of ids) assert.is(stateOf(wordOf(memory, id)), memory.submitterOf(id) === DEAD ? FREE : QUEUED)
})

test('what was done by the dead is marked once', () => {
  const memory = makeTeam()
  setWord(memory, memory.slotsOf(SUBMITTER), word(DONE, DEAD, ORPHAN))
  recover(memory, DEAD)
  assert.is(load(memory.words, deathsWord(memory, SUBMITTER)), 0)
})

test('the dead is cleared out of every mask; others stay, and are marked as searching when they search again', () => {
  for (const [dead, others] of [
    [2, bitOf(1) | bitOf(3)],
    [32, 0x7fffffff],
  ] as const) {
    const memory = makeTeam(32)
    for (const mask of [LIVE, SEARCHING, SLEEPING, LISTENING]) store(memory.words, mask, others | bitOf(dead))
    recover(memory, dead)
    for (const mask of [LIVE, SLEEPING, LISTENING]) assert.is(load(memory.words, mask), others)
    assert.is(load(memory.words, SEARCHING), 0, 'the dead may have set the mark of somebody awake')
  }
})

test('everybody is unparked, for their waker may have died', () => {
  const memory = makeTeam()
  recover(memory, DEAD)
  for (const worker of [1, 2, 3]) assert.is.not(load(memory.words, memory.park(worker)), 0)
})

test('a bottom below the top is repaired, and the successor pushes where thieves look', () => {
  for (const top of [0, 40, INDEX_MASK]) {
    const memory = makeTeam()
    store(memory.words, memory.dequeTop(DEAD), top)
    store(memory.words, memory.dequeBottom(DEAD), (top - 1) & INDEX_MASK)
    recover(memory, DEAD)
    assert.is(load(memory.words, memory.dequeBottom(DEAD)), load(memory.words, memory.dequeTop(DEAD)))
    const items = memory.dequeItems(DEAD)
    const { words, dequeCapacity } = memory
    const deque = new DequeOwner(words, memory.dequeBottom(DEAD), memory.dequeTop(DEAD), items, dequeCapacity)
    deque.tryPush(5)
    assert.equal([deque.length, deque.pop()], [1, 5])
  }
})

test('a thief that began before the death takes nothing away from the successor', () => {
  const memory = makeTeam()
  const { words } = memory
  const [bottom, top] = [memory.dequeBottom(DEAD), memory.dequeTop(DEAD)]
  // The dead has lowered the bottom to its last item, 7; a thief has read top and bottom before that.
  store(words, top, 7)
  store(words, bottom, 7)
  recover(memory, DEAD)
  compareExchange(words, top, 7, 8) // the thief's swap
  const deque = new DequeOwner(words, bottom, top, memory.dequeItems(DEAD), memory.dequeCapacity)
  deque.tryPush(5)
  assert.equal([deque.count(), deque.pop()], [1, 5])
})

test('hints in the deque of the dead stay where they are', () => {
  const memory = makeTeam()
  store(memory.words, memory.dequeTop(DEAD), 3)
  store(memory.words, memory.dequeBottom(DEAD), 5)
  recover(memory, DEAD)
  assert.equal([load(memory.words, memory.dequeTop(DEAD)), load(memory.words, memory.dequeBottom(DEAD))], [3, 5])
})

test('nobody is told of children of the dead that had finished', () => {
  const memory = makeTeam()
  pushDone(memory, DEAD, memory.slotsOf(DEAD))
  pushDone(memory, OTHER, memory.slotsOf(OTHER))
  recover(memory, DEAD)
  assert.equal([hasDone(memory, DEAD), hasDone(memory, OTHER)], [false, true])
})

test('a second recovery finds nothing new', () => {
  const memory = makeTeam()
  setWord(memory, 1, word(RUNNING, DEAD))
  setWord(memory, memory.slotsOf(DEAD), word(QUEUED, 0))
  assert.equal(recover(memory, DEAD).lost, [1])
  assert.equal(recover(memory, DEAD), { lost: [], queued: [], unread: [] })
})

test.run()
