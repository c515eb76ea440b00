import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { and, load, or, store } from '#atomics'
import { ASLEEP, clearIdle, unparkAll } from '../../lib/scheduler/idle.js'
import {
  BELL,
  BLOCK_BELL,
  bitOf,
  HOST_AWAKE,
  HOST_BLOCKED,
  HOST_PARKED,
  HOST_STATE,
  Idle,
  LISTENING,
  LIVE,
  ringHost,
  SEARCHING,
  SLEEPING,
  type TeamMemory,
  unpark,
  wakeOne,
  wakeRegardless,
} from '../../lib/scheduler/index.js'
import { makeTeam } from './team.js'

function make(workers = 3, maxSearchers = 1) {
  const memory = makeTeam(workers)
  for (let worker = 1; worker <= workers; worker++) or(memory.words, LIVE, bitOf(worker))
  const idles = Array.from({ length: workers }, (_, i) => new Idle(memory, i + 1, maxSearchers))
  return { memory, idle: (worker: number) => idles[worker - 1] as Idle }
}

const masks = ({ words }: TeamMemory) => [load(words, SLEEPING), load(words, SEARCHING), load(words, LISTENING)]
/** Waits: nobody has woken it, and there is no news. */
const rests = (memory: TeamMemory, worker: Idle, number: number) => parkWord(memory, number) === worker.rest
const parkWord = (memory: TeamMemory, worker: number) => load(memory.words, memory.park(worker))

test('a search sets the own bit once, and its end clears it', () => {
  const { memory, idle } = make()
  assert.ok(idle(2).startSearch())
  assert.ok(idle(2).startSearch())
  assert.ok(idle(2).isSearching)
  assert.equal(masks(memory), [0, bitOf(2), 0])
  idle(2).stopSearch()
  assert.not(idle(2).isSearching)
  assert.equal(masks(memory), [0, 0, 0])
})

test('who searches beyond the limit is told, and searches all the same', () => {
  const { memory, idle } = make(3, 2)
  assert.equal([idle(1).startSearch(), idle(2).startSearch(), idle(3).startSearch()], [true, true, false])
  assert.is(load(memory.words, SEARCHING), bitOf(1) | bitOf(2) | bitOf(3))
})

test('one may search even when the limit is 0', () => {
  const { idle } = make(2, 0)
  assert.equal([idle(1).startSearch(), idle(2).startSearch()], [true, false])
})

test('stopSearch tells the last searcher, and nobody else', () => {
  const { idle } = make()
  idle(1).startSearch()
  idle(3).startSearch()
  assert.equal([idle(1).stopSearch(), idle(3).stopSearch(), idle(3).stopSearch()], [false, true, false])
  assert.not(idle(2).stopSearch())
})

test('who prepares to park sleeps and does not search; restore takes it back', () => {
  const { memory, idle } = make()
  idle(1).startSearch()
  idle(1).prepare(SLEEPING)
  assert.equal([masks(memory), idle(1).isSearching], [[bitOf(1), 0, 0], false])
  idle(1).restore(SLEEPING)
  assert.equal([masks(memory), idle(1).isSearching], [[0, 0, 0], false])
})

test('who is woken searches before it knows, and goes on searching when it does', () => {
  const { memory, idle } = make()
  idle(2).prepare(SLEEPING)
  assert.ok(rests(memory, idle(2), 2))
  assert.ok(wakeOne(memory))
  assert.equal(masks(memory), [0, bitOf(2), 0])
  assert.not(rests(memory, idle(2), 2))
  assert.ok(idle(2).restore(SLEEPING))
  assert.ok(idle(2).isSearching)
  assert.ok(idle(2).stopSearch())
  assert.equal(masks(memory), [0, 0, 0])
})

test('wakeOne wakes one sleeper, of whom the lowest is first', () => {
  const { memory, idle } = make()
  idle(3).prepare(SLEEPING)
  idle(2).prepare(SLEEPING)
  assert.ok(wakeOne(memory))
  assert.equal(masks(memory), [bitOf(3), bitOf(2), 0])
  assert.ok(rests(memory, idle(3), 3))
})

test('wakeOne does nothing while somebody searches', () => {
  const { memory, idle } = make()
  idle(1).prepare(SLEEPING)
  idle(3).prepare(LISTENING)
  idle(2).startSearch()
  assert.not(wakeOne(memory))
  assert.equal(masks(memory), [bitOf(1), bitOf(2), bitOf(3)])
  idle(2).stopSearch()
  assert.ok(wakeOne(memory))
  assert.not(wakeOne(memory), 'who was woken searches')
})

test('wakeRegardless wakes one sleeper after the other', () => {
  const { memory, idle } = make()
  for (const worker of [1, 2]) idle(worker).prepare(SLEEPING)
  idle(3).startSearch()
  assert.equal([wakeRegardless(memory), wakeRegardless(memory), wakeRegardless(memory)], [true, true, false])
  assert.equal(masks(memory), [0, bitOf(1) | bitOf(2) | bitOf(3), 0])
})

test('a wake with nobody to be woken does nothing', () => {
  const { memory } = make()
  assert.equal([wakeOne(memory), wakeRegardless(memory)], [false, false])
  assert.equal(masks(memory), [0, 0, 0])
})

test('a listener is woken when nobody sleeps, and does not count as a searcher', () => {
  const { memory, idle } = make()
  idle(1).prepare(LISTENING)
  idle(2).prepare(SLEEPING)
  assert.ok(wakeOne(memory))
  assert.equal(masks(memory), [0, bitOf(2), bitOf(1)])
  idle(2).restore(SLEEPING)
  idle(2).stopSearch()
  assert.ok(wakeOne(memory))
  assert.equal(masks(memory), [0, 0, 0])
  assert.ok(idle(1).restore(LISTENING))
  assert.ok(idle(1).stopSearch(), 'it sees to the rest as the last searcher does')
})

test('the worker of the highest bit is woken like any other', () => {
  const { memory, idle } = make(32)
  assert.ok(idle(32).startSearch())
  idle(32).prepare(SLEEPING)
  assert.ok(wakeOne(memory))
  assert.not(rests(memory, idle(32), 32))
  assert.equal(masks(memory), [0, bitOf(32), 0])
  idle(32).restore(SLEEPING)
  assert.ok(idle(32).stopSearch())
})

test('all 32 workers are woken, each once', () => {
  const { memory, idle } = make(32)
  for (let worker = 1; worker <= 32; worker++) idle(worker).prepare(SLEEPING)
  assert.is(load(memory.words, SLEEPING), -1)
  for (let worker = 1; worker <= 32; worker++) {
    assert.ok(wakeRegardless(memory))
    assert.not(rests(memory, idle(worker), worker))
  }
  assert.not(wakeRegardless(memory))
})

test('news opens the park word and leaves the bit to its owner', () => {
  const { memory, idle } = make()
  idle(1).prepare(SLEEPING)
  unpark(memory, 1)
  assert.not(rests(memory, idle(1), 1))
  assert.equal(masks(memory), [bitOf(1), 0, 0])
  assert.not(idle(1).restore(SLEEPING))
  assert.equal([masks(memory), idle(1).isSearching], [[0, 0, 0], false])
})

test('a waker that comes with news counts', () => {
  const { memory, idle } = make()
  idle(1).prepare(SLEEPING)
  unpark(memory, 1)
  wakeOne(memory)
  assert.ok(idle(1).restore(SLEEPING))
  assert.ok(idle(1).isSearching)
})

test('news of an earlier time keeps nobody awake', () => {
  const { memory, idle } = make()
  unpark(memory, 1)
  idle(1).prepare(SLEEPING)
  assert.is(parkWord(memory, 1), ASLEEP)
  idle(1).restore(SLEEPING)
  unpark(memory, 1)
  idle(1).clearNews()
  assert.equal([parkWord(memory, 1), idle(1).rest], [0, 0])
})

test('who enters is live and rings the host', () => {
  const { memory, idle } = make()
  store(memory.words, HOST_STATE, HOST_PARKED)
  store(memory.words, LIVE, 0)
  idle(3).enter()
  assert.is(load(memory.words, LIVE), bitOf(3))
  assert.equal([load(memory.words, HOST_STATE), load(memory.words, BELL)], [HOST_AWAKE, 1])
})

test('the bell that rings is the one the host waits at, once', () => {
  for (const [state, bell, block] of [
    [HOST_AWAKE, 0, 0],
    [HOST_PARKED, 1, 0],
    [HOST_BLOCKED, 0, 1],
  ]) {
    const { memory } = make()
    store(memory.words, HOST_STATE, state as number)
    ringHost(memory)
    ringHost(memory)
    assert.is(load(memory.words, HOST_STATE), HOST_AWAKE)
    assert.equal([load(memory.words, BELL), load(memory.words, BLOCK_BELL)], [bell, block])
  }
})

test('a sleep that is ended in time leaves no search behind', () => {
  const { memory, idle } = make()
  idle(2).prepare(SLEEPING)
  assert.not(idle(2).restore(SLEEPING))
  assert.not(idle(2).isSearching)
  assert.equal(masks(memory), [0, 0, 0])
})

test('a waker that finds its sleeper awake takes the mark back and wakes the next', () => {
  for (const wake of [wakeOne, wakeRegardless]) {
    const { memory, idle } = make()
    idle(1).prepare(SLEEPING)
    idle(3).prepare(SLEEPING)
    and(memory.words, memory.park(1), ~ASLEEP) // it has woken by itself, and its bit still stands in the mask
    assert.ok(wake(memory))
    assert.equal(masks(memory), [0, bitOf(3), 0])
    assert.not(rests(memory, idle(3), 3))
  }
})

test('a sleeper whose bit a dead waker has taken is woken by the recovery, and owes nothing', () => {
  const { memory, idle } = make()
  idle(2).prepare(SLEEPING)
  and(memory.words, SLEEPING, ~bitOf(2)) // worker 1 dies here
  clearIdle(memory, 1)
  unparkAll(memory, 3)
  assert.not(rests(memory, idle(2), 2))
  assert.not(idle(2).restore(SLEEPING))
  assert.equal([masks(memory), idle(2).isSearching], [[0, 0, 0], false])
})

test('a mark of somebody awake, left by a waker that died, goes with it', () => {
  const { memory } = make()
  or(memory.words, SEARCHING, bitOf(2))
  clearIdle(memory, 1)
  assert.equal(masks(memory), [0, 0, 0])
})

test('who marks a sleeper does not wake a listener by it', () => {
  const { memory, idle } = make()
  idle(2).prepare(SLEEPING)
  idle(2).restore(SLEEPING)
  idle(2).prepare(LISTENING)
  or(memory.words, SLEEPING, bitOf(2)) // as a waker sees it that has read the mask before
  assert.ok(wakeOne(memory), 'as a listener')
  assert.equal(masks(memory), [0, 0, 0])
})

test('who died as a sleeper leaves no mark in SEARCHING, and the next one is woken', () => {
  for (const wake of [wakeOne, wakeRegardless]) {
    const { memory, idle } = make()
    idle(1).prepare(SLEEPING)
    idle(3).prepare(SLEEPING)
    clearIdle(memory, 1)
    or(memory.words, SLEEPING, bitOf(1)) // the waker has read the mask before
    assert.ok(wake(memory))
    assert.equal(masks(memory), [0, bitOf(3), 0])
    assert.not(rests(memory, idle(3), 3))
  }
})

test.run()
