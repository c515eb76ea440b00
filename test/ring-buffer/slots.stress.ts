import { isMainThread } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { poke } from '#atomics'
import { EMPTY, FifoRing, FREE, LINE_BYTES, packState, type Region, Slots } from '../../lib/ring-buffer/index.js'
import { assertEachOnce, play, Rounds, relax, together } from './threads.js'

interface Shared {
  readonly slots: Region
  readonly rings: readonly [Region, Region]
  readonly count: number
  readonly self: number
}

const SLOTS = 8
const WORDS_PER_SLOT = 6
const END = 2 ** 31 - 1
const FIRST = LINE_BYTES / 4
const LAST_GENERATION = 2 ** 19 - 1

/** Takes hints from both rings, runs what it can claim. Returns the tasks that it ran. */
function run({ slots, rings, self }: Shared): Int32Array {
  const claimant = Slots.claimantOf(slots, self)
  const { words, wordOffset } = wordsOf(slots)
  const consumers = rings.map((ring) => FifoRing.consumerOf(ring))
  const tasks: number[] = []
  for (let open = consumers.length; ; ) {
    for (const consumer of consumers) {
      const ref = consumer.take()
      if (ref === END) {
        open--
        if (open === 0) return Int32Array.from(tasks) // at once: the next end is another claimant's
      } else if (ref >= 0 && claimant.tryClaim(ref)) {
        const offset = wordOffset(ref)
        const task = words[offset] as number
        tasks.push(task)
        words[offset + 1] = ~task
        claimant.complete(ref)
      } else relax()
    }
  }
}

/** An executor sees the words through an owner of the region that allocates nothing. */
function wordsOf(slots: Region): { words: Int32Array; wordOffset: (ref: number) => number } {
  const owner = Slots.ownerOf(slots)
  return { words: owner.words, wordOffset: (ref) => owner.wordOffset(ref) }
}

/** Hands out each task by two hints, the second up to a ring's length later. Returns the tasks, and wrong results. */
function submit({ slots, rings, count }: Shared, claimants: number): { count: number; wrong: number } {
  const owner = Slots.ownerOf(slots)
  const observer = Slots.claimantOf(slots, 0)
  const [first, second] = rings.map((ring) => FifoRing.producerOf(ring))
  const out = new Map<number, number>()
  const rounds = new Rounds(count)
  let wrong = 0
  let task = 0
  for (let over = false; !over || out.size > 0; ) {
    over = rounds.isOver(task)
    const ref = over ? EMPTY : owner.tryAllocate()
    if (ref !== EMPTY) {
      owner.words[owner.wordOffset(ref)] = task
      owner.publish(ref)
      while (!first?.tryPush(ref)) relax()
      second?.tryPush(ref) // a hint that does not fit is no loss: the other one is there
      out.set(ref, task++)
      continue
    }
    for (const [ref, task] of out) {
      if (observer.stateOf(ref) !== 'done') {
        relax()
        continue
      }
      if (owner.words[owner.wordOffset(ref) + 1] !== ~task) wrong++
      owner.free(ref)
      out.delete(ref)
    }
  }
  for (const ring of [first, second]) {
    for (let claimant = 0; claimant < claimants; claimant++) while (!ring?.tryPush(END)) relax()
  }
  return { count: task, wrong }
}

if (!isMainThread) await play({ run })
else {
  test('each task runs once though each is hinted twice and slots are used again at once', async () => {
    const slots = Slots.create({ count: SLOTS, wordsPerSlot: WORDS_PER_SLOT })
    const words = new Int32Array(slots.buffer)
    for (let slot = 0; slot < SLOTS; slot++) poke(words, FIRST + slot * 8, packState(FREE, 0, LAST_GENERATION - 100))
    const rings = [FifoRing.create({ capacity: 16 }), FifoRing.create({ capacity: 64 })] as const
    const shared = { slots, rings, count: 200_000, self: 0 }
    const parts = [1, 2, 3].map((self) => ({ role: 'run', data: { ...shared, self } }))
    const { own, others } = await together(import.meta.url, parts, () => submit(shared, 3))
    assert.is(own.wrong, 0)
    assertEachOnce(own.count, others)
  })

  test.run()
}
