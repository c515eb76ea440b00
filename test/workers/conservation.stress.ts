import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { load } from '#atomics'
import { type TaskHandle, WorkerLostError } from '../../lib/index.js'
import { newCounts, run, runAndDie, runAsync, runFamily } from '../fixtures/counted.js'
import { settles } from '../support/hang-limit.js'
import { withPool } from '../support/pools.js'

const TASKS = 20_000
const SEED = Number(process.env.FC_SEED ?? Date.now() % 0x7fffffff)

/** Random integers below a limit. */
function randomOf(seed: number): (below: number) => number {
  let state = seed | 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** Runs TASKS tasks, one in `deadly` of which (0: none) kills its worker, in waves of at most `wave`. */
async function conserves(wave: number, deadly: number, concurrent = 1): Promise<void> {
  console.log(`\nFC_SEED=${SEED}`)
  const random = randomOf(SEED)
  const counts = newCounts(TASKS)
  const fulfilled = new Uint8Array(TASKS)
  const rejected = new Uint8Array(TASKS)
  const completed = new Uint8Array(TASKS)
  const errors = new Uint8Array(TASKS)
  const wrong: string[] = []
  const killers = new Set<number>()

  const options = { threads: 3, workerData: counts, concurrentTasksPerWorker: concurrent }
  await withPool(options, async (pool) => {
    const start = (task: number): TaskHandle<number> => {
      if (deadly > 0 && random(deadly) === 0) {
        killers.add(task)
        return pool.run(runAndDie, [task])
      }
      const us = random(60)
      return random(4) === 0 ? pool.run(runAsync, [task, us]) : pool.run(run, [task, us])
    }
    for (let task = 0; task < TASKS; ) {
      const all: PromiseLike<void>[] = []
      for (const end = Math.min(TASKS, task + Math.ceil(wave / 2) + random(wave)); task < end; task++) {
        const own = task
        const handle = start(own)
        handle.onComplete(() => completed[own]!++)
        handle.onError(() => errors[own]!++)
        const settled = handle.then(
          (value) => {
            fulfilled[own]!++
            if (value !== own) wrong.push(`task ${own} gave ${value}`)
          },
          (error: unknown) => {
            rejected[own]!++
            if (!(error instanceof WorkerLostError)) wrong.push(`task ${own} failed with ${error}`)
          },
        )
        all.push(settled)
      }
      await settles(Promise.all(all), `the wave before task ${task}`, 60)
    }
    const stats = pool.stats()
    assert.is(stats.completed, TASKS - killers.size)
    assert.is(stats.failed, killers.size)
    assert.is(stats.queued + stats.running, 0)
  })

  assert.equal(wrong, [])
  for (let task = 0; task < TASKS; task++) {
    const lost = killers.has(task) ? 1 : 0
    const found = [fulfilled, rejected, completed, errors].map((tally) => tally[task])
    const expected = [1 - lost, lost, 1 - lost, lost]
    if (String(found) !== String(expected)) assert.unreachable(`task ${task} settled ${found}, not ${expected}`)
    const ran = load(counts.runs, task)
    if (ran !== 1) assert.unreachable(`task ${task} ran ${ran} times`)
  }
}

test('tasks that wait in one long queue are conserved when workers die', () => conserves(TASKS, 800))

test('tasks that come in waves are conserved when workers die', () => conserves(600, 800))

test('overlapping async tasks are conserved while no worker dies', () => conserves(4_000, 0, 8))

test('children are conserved when workers die', async () => {
  console.log(`\nFC_SEED=${SEED}`)
  const random = randomOf(SEED)
  const families = 500
  const size = 20
  const counts = newCounts(families * size)
  const deaths = new Set<number>()
  const lost = new Int32Array(families).fill(-1)
  await withPool({ threads: 3, workerData: counts }, async (pool) => {
    const handles = Array.from({ length: families }, (_, i) => {
      const dies = random(25) === 0
      if (dies) deaths.add(i)
      return pool.run(runFamily, [i * size, size - 1, random(40), dies ? 1 + random(size - 1) : 0])
    })
    const outcomes = await settles(Promise.allSettled(handles), 'the families', 60)
    outcomes.forEach((outcome, i) => {
      if (outcome.status === 'fulfilled') lost[i] = outcome.value
      else if (!(outcome.reason instanceof WorkerLostError)) assert.unreachable(`family ${i}: ${outcome.reason}`)
    })
  })
  for (let i = 0; i < families; i++) {
    const runs = [...counts.runs.subarray(i * size, (i + 1) * size)]
    if (runs.some((ran) => ran > 1)) assert.unreachable(`family ${i} ran ${runs}`)
    if (lost[i] === -1) continue // its parent died: with it, or of another family's child on the same worker
    const ran = runs.reduce((sum, one) => sum + one, 0)
    if (ran < size - (lost[i] as number)) assert.unreachable(`family ${i} lost ${lost[i]} and ran ${runs}`)
    if (deaths.has(i) && lost[i] === 0) assert.unreachable(`family ${i} has not noticed the death of its child`)
    if (deaths.size === 0 && lost[i] !== 0) assert.unreachable(`family ${i} lost ${lost[i]} without a death`)
  }
})

test('a call is either cancelled or run, whoever is faster', async () => {
  console.log(`\nFC_SEED=${SEED}`)
  const random = randomOf(SEED)
  const counts = newCounts(TASKS)
  await withPool({ threads: 2, workerData: counts }, async (pool) => {
    const cancelled = new Uint8Array(TASKS)
    for (let task = 0; task < TASKS; ) {
      const first = task
      const handles: TaskHandle<number>[] = []
      for (const end = Math.min(TASKS, task + 1 + random(400)); task < end; task++)
        handles.push(pool.run(run, [task, random(8)], { priority: (random(7) - 3) as 0 }))
      for (let i = 0; i < handles.length; i++) {
        if (random(3) === 0) cancelled[first + i] = handles[i]?.cancel() ? 1 : 0
      }
      const outcomes = await settles(Promise.allSettled(handles), `the wave of task ${first}`)
      outcomes.forEach(({ status }, i) => {
        if ((status === 'rejected') !== (cancelled[first + i] === 1)) assert.unreachable(`task ${first + i}: ${status}`)
      })
    }
    const sum = cancelled.reduce((total, one) => total + one, 0)
    assert.is(pool.stats().cancelled, sum)
    assert.is(pool.stats().completed, TASKS - sum)
    for (let task = 0; task < TASKS; task++) {
      const ran = load(counts.runs, task)
      if (ran + (cancelled[task] as number) !== 1)
        assert.unreachable(`task ${task} ran ${ran} times, cancelled ${cancelled[task]}`)
    }
  })
})

test.run()
