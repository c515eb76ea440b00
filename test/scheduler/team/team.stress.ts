import { once } from 'node:events'
import { isMainThread, Worker } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { add, load, notify, store, wait } from '#atomics'
import { LINE_BYTES } from '../../../lib/ring-buffer/index.js'
import { EMPTY, type Participant, type Region, Team } from '../../../lib/scheduler/team/index.js'
import { assertEachOnce, play, Rounds, together } from '../../ring-buffer/threads.js'

const LINE = LINE_BYTES / 4
/** Tasks that were run. */
const RUN = 0
/** How many there are; 0 until that is known. */
const TOTAL = LINE
/** The next number that nobody has taken. */
const NEXT = 2 * LINE

interface Shared {
  readonly region: Region
  readonly words: Int32Array
  /** Parts that each task of a band pushes. */
  readonly parts: number
}
interface Part extends Shared {
  readonly id: number
  readonly spinUs: number
}

function share(participants: number, parts: number): Shared {
  return {
    region: Team.create({ participants, capacity: 64, bands: 3 }),
    words: new Int32Array(new SharedArrayBuffer(3 * LINE_BYTES)),
    parts,
  }
}

/** Tasks are numbered from 0; every one whose number is a multiple of 1 + `parts` pushes those after it. */
function run(me: Participant, task: number, { words, parts }: Shared): void {
  if (task % (1 + parts) === 0) for (let part = 1; part <= parts; part++) me.push(task + part)
  add(words, RUN, 1)
  notify(words, RUN, 1)
}

const isOver = ({ words }: Shared): boolean => load(words, TOTAL) !== 0 && load(words, RUN) >= load(words, TOTAL)

/** Runs tasks and sleeps between them, until all have been run. Returns their numbers. */
function work(shared: Part): Int32Array {
  const me = Team.join(shared.region, shared.id, { spinUs: shared.spinUs })
  const taken: number[] = []
  while (!isOver(shared)) {
    const task = me.findWork()
    if (task === EMPTY) {
      me.park(LONG_MS)
      continue
    }
    taken.push(task)
    run(me, task, shared)
  }
  me.leave()
  return Int32Array.from(taken)
}

async function workAsync(shared: Part): Promise<Int32Array> {
  const me = Team.join(shared.region, shared.id, { spinUs: shared.spinUs })
  const taken: number[] = []
  while (!isOver(shared)) {
    const task = me.findWork()
    if (task === EMPTY) {
      await me.parkAsync(LONG_MS)
      continue
    }
    taken.push(task)
    run(me, task, shared)
  }
  me.leave()
  return Int32Array.from(taken)
}

/** Submits what it can number, and runs what it finds. */
function both(shared: Part & { readonly count: number }): Int32Array {
  const { words, parts, count } = shared
  const me = Team.join(shared.region, shared.id, { spinUs: shared.spinUs })
  const rounds = new Rounds(count)
  const taken: number[] = []
  let asleep = 0
  for (let round = 0; !isOver(shared); round++) {
    if (!rounds.isOver(round)) {
      for (let i = round % 7; i > 0; i--) me.submit(add(words, NEXT, 1 + parts), i % 3)
    } else if (asleep === 0) {
      asleep = add(words, NEXT + 1, 1) + 1 // whoever is last knows how many there are
      if (asleep === 3) store(words, TOTAL, load(words, NEXT))
    }
    const task = me.findWork()
    if (task !== EMPTY) {
      taken.push(task)
      run(me, task, shared)
    } else if (asleep !== 0) me.park(3)
  }
  me.leave()
  return Int32Array.from(taken)
}

/** Nobody sleeps this long: a wake-up that is lost fails the test by its time. */
const LONG_MS = 10_000

/** Submits rounds of up to `most` tasks and waits for each. Returns how many tasks there were, parts included. */
function submitRounds(shared: Shared, most: number, count: number): number {
  const { words, parts } = shared
  const me = Team.join(shared.region, 0, { spinUs: 0 })
  const rounds = new Rounds(count)
  let total = 0
  for (let round = 0; !rounds.isOver(round); round++) {
    for (let i = 1 + (round % most); i > 0; i--) {
      me.submit(total, round % 3)
      total += 1 + parts
    }
    for (let seen = load(words, RUN); seen !== total; seen = load(words, RUN)) {
      if (wait(words, RUN, seen, LONG_MS / 2) === 'timed-out')
        throw new Error(`${total - load(words, RUN)} tasks of round ${round} lie there and everybody sleeps`)
    }
  }
  store(words, TOTAL, total)
  for (let id = 0; id < 32; id++) me.submit(total) // wakes whoever sleeps; nobody runs it
  return total
}

async function race(roles: readonly string[], spinUs: number, most: number, parts: number, count: number) {
  const shared = share(1 + roles.length, parts)
  const crew = roles.map((role, i) => ({ role, data: { ...shared, id: i + 1, spinUs } satisfies Part }))
  const { own, others } = await together(import.meta.url, crew, () => submitRounds(shared, most, count))
  assertEachOnce(
    own,
    others.map((taken) => taken.filter((task) => task < own)),
  )
}

// Who is killed. Per task: how often it was begun, whether it was ended, and whether its submission was.
interface Mortal {
  readonly region: Region
  readonly id: number
  readonly words: Int32Array
  readonly begun: Int32Array
  readonly ended: Int32Array
  readonly given: Int32Array
}
const MOST_TASKS = 1 << 20
const GIVING = 0
const ENDING = 1
const OVER = 2
/** One of these; the line of TOTAL. */
const PHASE = TOTAL

function runMortal({ words, begun, ended }: Mortal, task: number): void {
  add(begun, task, 1)
  for (let end = performance.now() + 0.05; performance.now() < end; ); // so that it is mostly killed in a task
  store(ended, task, 1)
  add(words, RUN, 1)
}

/** Submits, pushes, runs and sleeps until it is killed, or everything is over. */
function live(shared: Mortal): number {
  const { region, id, words, given } = shared
  const me = Team.join(region, id, { spinUs: id * 5 })
  for (let turn = 0; load(words, PHASE) !== OVER; turn++) {
    // Few at a time, so that none is in a heap that dies.
    if (load(words, PHASE) === GIVING && turn % 2 === 0 && load(words, NEXT) - load(words, RUN) < 500) {
      const task = add(words, NEXT, 1)
      if (task % 3 === 0) me.push(task)
      else me.submit(task, task % 2)
      store(given, task, 1)
    }
    const task = me.findWork()
    if (task === EMPTY) me.park(2)
    else runMortal(shared, task)
  }
  me.leave()
  return id
}

async function kill(kills: number): Promise<void> {
  const region = Team.create({ participants: 4, capacity: 4096, bands: 2 })
  const words = new Int32Array(new SharedArrayBuffer(3 * LINE_BYTES))
  const [begun, ended, given] = [0, 1, 2].map(() => new Int32Array(new SharedArrayBuffer(MOST_TASKS * 4)))
  const shared: Mortal = { region, id: 0, words, begun: begun!, ended: ended!, given: given! }
  const gate = new Int32Array(new SharedArrayBuffer(4))
  store(gate, 0, 1)
  const start = (id: number): { readonly worker: Worker; readonly begun: Promise<unknown> } => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { role: 'live', data: { ...shared, id }, gate } })
    return { worker, begun: once(worker, 'message') }
  }
  const me = Team.join(region, 0)
  const again = new Map<number, number>()
  const crew = [1, 2, 3].map(start)
  const rounds = new Rounds(kills)
  for (let round = 0; round < 5 || again.size === 0 || !rounds.isOver(round); round++) {
    const victim = round % 3
    await crew[victim]!.begun
    await new Promise((resolve) => setTimeout(resolve, round % 5))
    await crew[victim]!.worker.terminate()
    const { queued, running } = me.recover(victim + 1)
    assert.equal(me.recover(victim + 1), { queued: [], running: [] })
    for (const task of running) again.set(task, (again.get(task) ?? 0) + 1)
    for (const task of [...running, ...queued]) me.submit(task)
    crew[victim] = start(victim + 1)
  }
  const ends = crew.map(({ worker }) => once(worker, 'exit'))
  store(words, PHASE, ENDING)
  // A submission that is going on ends by itself. What was drawn by one that was killed before it was given is given now.
  await new Promise((resolve) => setTimeout(resolve, 100))
  const total = load(words, NEXT)
  for (let task = 0; task < total; task++) {
    if (load(shared.given, task) === 1) continue
    again.set(task, (again.get(task) ?? 0) + 1)
    me.submit(task)
  }
  // A task that is lost, or that everybody sleeps on, keeps this from ending.
  for (let done = 0; done < total; ) {
    const task = me.findWork()
    if (task === EMPTY) await me.parkAsync(2)
    else runMortal(shared, task)
    while (done < total && load(shared.ended, done) === 1) done++
  }
  store(words, PHASE, OVER)
  await Promise.all(ends)
  for (let task = 0; task < total; task++) {
    const times = load(shared.begun, task)
    // Once, and once more for each time that it was reported as running, or given again because its submission was cut off.
    const most = 1 + (again.get(task) ?? 0)
    assert.ok(
      times >= 1 && times <= most,
      `task ${task} of ${total} was begun ${times} times, and may be ${most} times`,
    )
  }
}

if (!isMainThread) await play({ work, workAsync, both, live })
else {
  test('a lone task is run once, however often its worker was asleep', () => race(['work', 'work'], 0, 1, 0, 30_000))
  test('the same, with threads that spin first', () => race(['work', 'work'], 20, 1, 0, 30_000))
  test('rounds of tasks and their parts are each run once, and nobody sleeps while one is there', () =>
    race(['work', 'work', 'work'], 20, 8, 2, 20_000))
  test('the same, with up to sixty in each round', () => race(['work', 'work'], 20, 60, 2, 2_000))
  test('the same, with threads whose event loops go on', () =>
    race(['workAsync', 'work', 'workAsync'], 0, 8, 1, 10_000))

  test('each task is run once when everybody submits, pushes, runs and sleeps', async () => {
    const shared = share(3, 1)
    const crew = [1, 2].map((id) => ({ role: 'both', data: { ...shared, id, spinUs: id * 10, count: 30_000 } }))
    const taken = await together(import.meta.url, crew, () => both({ ...shared, id: 0, spinUs: 5, count: 30_000 }))
    assertEachOnce(load(shared.words, TOTAL), [taken.own, ...taken.others])
  })

  test('threads are killed at any moment: every task is run, and once unless it was reported as running', () =>
    kill(60))

  test.run()
}
