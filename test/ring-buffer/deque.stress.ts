import { isMainThread } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { load, poke, store } from '#atomics'
import { DequeOwner, DequeThief, EMPTY, INDEX_MASK, LINE_BYTES } from '../../lib/ring-buffer/index.js'
import { assertEachOnce, play, Rounds, relax, together } from './threads.js'

interface Shared {
  readonly words: Int32Array
  readonly capacity: number
  readonly count: number
}

// A line each for: the end of the game, and the places of up to four deques.
const LINE = LINE_BYTES / 4
const OVER = 0
const bottomOf = (deque: number) => (1 + 2 * deque) * LINE
const topOf = (deque: number) => (2 + 2 * deque) * LINE
const itemsOf = (deque: number, capacity: number) => 9 * LINE + deque * capacity

function share(capacity: number, count: number): Shared {
  const words = new Int32Array(new SharedArrayBuffer((9 * LINE + 4 * capacity) * 4))
  for (let deque = 0; deque < 4; deque++) {
    poke(words, bottomOf(deque), INDEX_MASK - 1000) // they wrap early
    poke(words, topOf(deque), INDEX_MASK - 1000)
  }
  return { words, capacity, count }
}

const ownerOf = ({ words, capacity }: Shared, deque: number) =>
  new DequeOwner(words, bottomOf(deque), topOf(deque), itemsOf(deque, capacity), capacity)
const thiefOf = ({ words, capacity }: Shared, deque: number) =>
  new DequeThief(words, bottomOf(deque), topOf(deque), itemsOf(deque, capacity), capacity)

/** Steals until the owner has ended the game and the deque is empty. */
function steal(shared: Shared): Int32Array {
  const thief = thiefOf(shared, 0)
  const taken: number[] = []
  for (;;) {
    const over = load(shared.words, OVER) === 1
    const item = thief.steal()
    if (item >= 0) taken.push(item)
    else if (item === EMPTY && over) return Int32Array.from(taken)
    else relax()
  }
}

/** Steals runs into a deque of its own, where the other thieves steal in turn. */
function stealRuns({ shared, self }: { shared: Shared; self: number }): Int32Array {
  const own = ownerOf(shared, self)
  const thieves = [0, 1, 2, 3].map((deque) => thiefOf(shared, deque))
  const taken: number[] = []
  for (let turn = 0; ; turn++) {
    const over = load(shared.words, OVER) === 1
    for (let item = own.pop(); item !== EMPTY; item = own.pop()) taken.push(item)
    const moved = thieves[(self + 1 + (turn % 3)) % 4]?.stealInto(own, 1 + (turn % 7)) as number
    if (moved > 0 && turn % 2 === 0) taken.push(own.pop()) // leaves the rest for the others to find
    if (moved <= 0) relax()
    // Their own deques are emptied by those who hold them.
    if (over && own.length === 0 && thieves[0]?.length === 0) return Int32Array.from(taken.filter((item) => item >= 0))
  }
}

/** Pops `pops` after each `pushes`. Returns how many items there were, and what it popped. */
function own({ shared, pushes, pops }: { shared: Shared; pushes: number; pops: number }) {
  const owner = ownerOf(shared, 0)
  const rounds = new Rounds(shared.count)
  const taken: number[] = []
  const pop = () => {
    const item = owner.pop()
    if (item !== EMPTY) taken.push(item)
  }
  let count = 0
  while (!rounds.isOver(count)) {
    for (let i = 0; i < pushes; i++) {
      if (owner.tryPush(count)) count++
      else relax()
    }
    for (let i = 0; i < pops; i++) pop()
  }
  store(shared.words, OVER, 1)
  return { count, popped: Int32Array.from(taken) }
}

async function race(capacity: number, pushes: number, pops: number): Promise<void> {
  const shared = share(capacity, 600_000)
  const thieves = [1, 2, 3].map(() => ({ role: 'steal', data: shared }))
  const taken = await together(import.meta.url, thieves, () => own({ shared, pushes, pops }))
  assertEachOnce(taken.own.count, [taken.own.popped, ...taken.others])
  assert.is(thiefOf(shared, 0).length, 0)
}

if (!isMainThread) await play({ steal, stealRuns })
else {
  test('the last item is taken once when owner and thieves race', () => race(8, 1, 1))

  test('each item of a deque of one is taken once', () => race(1, 1, 1))

  test('each item is taken once when the deque runs full and empty', () => race(4, 7, 3))

  test('each item is taken once when two are pushed and one is popped', () => race(8, 2, 1))

  test('each item is taken once when the owner pops most of them', () => race(1024, 100, 99))

  test('each item is taken once when the owner only pushes', () => race(64, 1, 0))

  test('each item is taken once when thieves move runs between deques', async () => {
    const shared = share(64, 600_000)
    const parts = [1, 2, 3].map((self) => ({ role: 'stealRuns', data: { shared, self } }))
    const taken = await together(import.meta.url, parts, () => own({ shared, pushes: 20, pops: 2 }))
    assertEachOnce(taken.own.count, [taken.own.popped, ...taken.others])
  })

  test.run()
}
