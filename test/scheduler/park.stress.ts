import { isMainThread } from 'node:worker_threads'
import { test } from 'uvu'
import { add, compareExchange, load, peek, poke, store, wait } from '#atomics'
import { EMPTY, FREE, LINE_BYTES, packState, QUEUED, stateOf } from '../../lib/ring-buffer/index.js'
import {
  ARGS_OFFSET,
  BandWriter,
  BLOCK_BELL,
  Finder,
  HOST_AWAKE,
  HOST_BLOCKED,
  HOST_STATE,
  Idle,
  ringHost,
  SLEEPING,
  STATE,
  TeamMemory,
  type TeamShape,
  unpark,
  wakeOne,
} from '../../lib/scheduler/index.js'
import { assertEachOnce, play, Rounds, together } from '../ring-buffer/threads.js'

interface Shared {
  readonly buffer: SharedArrayBuffer
  readonly shape: TeamShape
  /** Word 0: tasks that were run. Next line: whether the game is over. */
  readonly words: Int32Array
  /** Children that each task of the host has. */
  readonly children: number
}
interface Part extends Shared {
  readonly worker: number
}

const RUN = 0
const OVER = LINE_BYTES / 4

/** The number of a task lies in its slot. */
function queue({ words }: TeamMemory, slot: number, number: number): void {
  poke(words, slot + ARGS_OFFSET, number)
  store(words, slot + STATE, packState(QUEUED, 0, 0))
}

/** Claims tasks and sleeps between them, until the game is over. Returns the numbers of the tasks. */
function work({ buffer, shape, words: game, children, worker }: Part): Int32Array {
  const memory = new TeamMemory(shape, buffer)
  const { words } = memory
  const finder = new Finder(memory, worker, worker * 7919)
  const idle = new Idle(memory, worker, 1)
  const first = memory.slotsOf(worker)
  const taken: number[] = []

  const finish = (number: number): void => {
    taken.push(number)
    add(game, RUN, 1)
    ringHost(memory)
  }
  const spawn = (number: number): void => {
    for (let id = first; id < first + shape.workerSlots; id++) {
      if (stateOf(load(words, memory.slot(id) + STATE)) !== FREE) continue
      queue(memory, memory.slot(id), number)
      if (!finder.deque.tryPush(id)) throw new Error('a deque is full that has a place for each slot')
      wakeOne(memory)
      return
    }
    finish(number) // no slot: as a call that runs inline
  }
  const run = (id: number): void => {
    const slot = memory.slot(id)
    const number = peek(words, slot + ARGS_OFFSET)
    if (id < memory.hostSlots) for (let child = 1; child <= children; child++) spawn(number + child)
    store(words, slot + STATE, packState(FREE, 0, 0))
    finish(number)
  }

  idle.enter()
  for (;;) {
    idle.startSearch()
    const id = finder.find()
    if (id !== EMPTY) {
      if (idle.stopSearch() && finder.hasWork()) wakeOne(memory)
      run(id)
      continue
    }
    idle.prepare(SLEEPING)
    if (finder.hasWork()) idle.restore(SLEEPING)
    else if (load(game, OVER) === 1) return Int32Array.from(taken)
    else {
      wait(words, memory.park(worker), idle.rest, Number.POSITIVE_INFINITY)
      idle.restore(SLEEPING)
    }
  }
}

/** Submits `most` tasks or fewer a round and waits for all of them. Returns how many tasks there were, with children. */
function submit(memory: TeamMemory, { words: game, children }: Shared, most: number, count: number): number {
  const { words } = memory
  const writer = new BandWriter(memory)
  const rounds = new Rounds(count)
  let number = 0
  for (let round = 0; !rounds.isOver(round); round++) {
    const tasks = 1 + (round % most)
    for (let id = 0; id < tasks; id++) {
      queue(memory, memory.slot(id), number)
      number += 1 + children
      const band = round % 7 === 0 ? 5 : 3
      if (!(band === 3 ? writer.tryPush(id) : writer.tryPushTo(band, id))) throw new Error('the ring is full')
      writer.publish()
      wakeOne(memory)
    }
    // Until everything has been run. A wake-up that is lost, of a worker or of this thread, ends the game here.
    while (load(game, RUN) !== number) {
      const seen = load(words, BLOCK_BELL)
      store(words, HOST_STATE, HOST_BLOCKED)
      if (load(game, RUN) !== number) wait(words, BLOCK_BELL, seen, Number.POSITIVE_INFINITY)
      compareExchange(words, HOST_STATE, HOST_BLOCKED, HOST_AWAKE)
    }
    writer.tidy()
  }
  store(game, OVER, 1)
  for (let worker = 1; worker <= memory.workers; worker++) unpark(memory, worker)
  return number
}

async function race(workers: number, most: number, children: number, count: number): Promise<void> {
  const shape = { workers, hostSlots: 16, workerSlots: 4 }
  const memory = new TeamMemory(shape, undefined)
  const words = new Int32Array(new SharedArrayBuffer(2 * LINE_BYTES))
  const shared: Shared = { buffer: memory.buffer, shape, words, children }
  const parts = Array.from({ length: workers }, (_, i) => ({ role: 'work', data: { ...shared, worker: i + 1 } }))
  const { own, others } = await together(import.meta.url, parts, () => submit(memory, shared, most, count))
  assertEachOnce(own, others)
}

if (!isMainThread) await play({ work })
else {
  test('a lone task is claimed once, however often its worker was asleep', () => race(2, 1, 0, 100_000))
  test('rounds of tasks are each claimed once, and nobody sleeps while one is queued', () => race(3, 8, 0, 50_000))
  test('children are claimed once, by their parent or a worker that was woken for them', () => race(3, 2, 3, 50_000))
  test.run()
}
