import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { EMPTY, type Participant, type Region, Team } from '../../../lib/scheduler/team/index.js'
import { holds } from '../../ring-buffer/property.js'

// A team whose participants take turns, against what plain lists say.

const PARTICIPANTS = 3
const BANDS = 3
/** The number of a participant's deque among its queues. */
const DEQUE = BANDS
/** Claims before which aging never turns the order round. */
const IN_ORDER = 60

/** One queue of one participant: what is in the region, and behind it what is in the submitter's memory. */
interface Queue {
  readonly seen: number[]
  readonly hidden: number[]
  /** Slots of tasks that are running somewhere. */
  running: number
}

/** What one participant runs, and whose slot it keeps: undefined when it came from its own memory. */
interface Running {
  readonly task: number
  readonly slotOf: Queue | undefined
}

const participant = fc.nat(2)
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('submit' as const),
      by: participant,
      band: fc.nat(2),
      count: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('push' as const),
      by: participant,
      count: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('find' as const), by: participant }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('park' as const, 'leave' as const), by: participant }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill' as const), by: participant, dead: participant }) },
)

class Model {
  readonly #region: Region
  readonly #team: Participant[] = []
  readonly #queues: Queue[][] = []
  readonly #running: (Running | undefined)[] = []
  readonly #claims: number[] = []
  readonly #spinUs: number
  readonly #capacity: number
  #next = 0

  constructor(capacity: number, spinUs: number) {
    this.#region = Team.create({ participants: PARTICIPANTS, capacity, bands: BANDS })
    this.#spinUs = spinUs
    this.#capacity = capacity
    for (let id = 0; id < PARTICIPANTS; id++) {
      this.#queues.push(Array.from({ length: BANDS + 1 }, () => ({ seen: [], hidden: [], running: 0 })))
      this.#join(id)
    }
  }

  #join(id: number): void {
    this.#team[id] = Team.join(this.#region, id, { spinUs: this.#spinUs })
    this.#claims[id] = 0
  }

  give(by: number, queue: number, count: number): void {
    for (let i = 0; i < count; i++) {
      const task = this.#next++
      if (queue === DEQUE) this.#team[by]!.push(task)
      else this.#team[by]!.submit(task, queue)
      this.#refill(by)
      this.#queues[by]![queue]!.hidden.push(task)
      this.#refill(by)
    }
  }

  /** What every call does first: as much as there is room for moves to the region. */
  #refill(by: number): void {
    for (const { seen, hidden, running } of this.#queues[by]!) {
      seen.push(...hidden.splice(0, Math.max(0, this.#capacity - seen.length - running)))
    }
  }

  #finish(by: number): void {
    const slotOf = this.#running[by]?.slotOf
    if (slotOf !== undefined) slotOf.running--
    this.#running[by] = undefined
  }

  /** The tasks that may be found, by the places where they are looked for. */
  #candidates(by: number): readonly number[] {
    const own = this.#queues[by]![DEQUE]!
    const newest = own.hidden.at(-1) ?? own.seen.at(-1)
    if (newest !== undefined) return [newest]
    const oldestOf = (queue: number): number[] => this.#queues.flatMap((queues) => queues[queue]!.seen.slice(0, 1))
    for (let band = BANDS - 1; band >= 0; band--) if (oldestOf(band).length > 0) return oldestOf(band)
    if (oldestOf(DEQUE).length > 0) return oldestOf(DEQUE)
    for (let band = BANDS - 1; band >= 0; band--) {
      const { hidden } = this.#queues[by]![band]!
      if (hidden.length > 0) return hidden.slice(0, 1)
    }
    return []
  }

  find(by: number): number {
    const task = this.#team[by]!.findWork()
    this.#finish(by)
    this.#refill(by)
    const candidates = this.#candidates(by)
    if (task === EMPTY) {
      assert.equal(candidates, [])
      return task
    }
    if (this.#claims[by]!++ < IN_ORDER) assert.ok(candidates.includes(task), `${task}, and not one of ${candidates}`)
    this.#take(by, task)
    return task
  }

  /** From one of the ends of the queue that it was in. */
  #take(by: number, task: number): void {
    for (const [from, queues] of this.#queues.entries()) {
      for (const [number, queue] of queues.entries()) {
        const all = [...queue.seen, ...queue.hidden]
        if (!all.includes(task)) continue
        assert.is(number === DEQUE && from === by ? all.at(-1) : all[0], task, 'the order of its queue')
        const isSeen = queue.seen.includes(task)
        const list = isSeen ? queue.seen : queue.hidden
        list.splice(list.indexOf(task), 1)
        if (isSeen) queue.running++
        this.#running[by] = { task, slotOf: isSeen ? queue : undefined }
        return
      }
    }
    throw new Error(`task ${task} is nobody's, or was taken before`)
  }

  park(by: number): void {
    const outcome = this.#team[by]!.park(0)
    this.#finish(by)
    this.#refill(by)
    assert.is(outcome, this.#candidates(by).length > 0 ? 'woken' : 'timed-out')
  }

  leave(by: number): void {
    this.#refill(by)
    const held = this.#queues[by]!.reduce((sum, { hidden }) => sum + hidden.length, 0)
    if (held > 0) {
      assert.throws(() => this.#team[by]!.leave(), new RegExp(`holds ${held} tasks`))
      return
    }
    this.#team[by]!.leave()
    this.#finish(by)
    this.#join(by) // what it submitted is still there
  }

  kill(by: number, dead: number): void {
    if (by === dead) return
    this.#refill(by)
    const queues = this.#queues[dead]!
    const running = this.#running[dead]
    assert.equal(this.#team[by]!.recover(dead), {
      queued: [2, 1, 0, DEQUE].flatMap((queue) => queues[queue]!.seen),
      running: running === undefined ? [] : [running.task],
    })
    assert.equal(this.#team[by]!.recover(dead), { queued: [], running: [] })
    this.#finish(dead)
    this.#refill(by)
    for (const { seen, hidden } of queues) {
      seen.length = 0
      hidden.length = 0
    }
    this.#join(dead)
  }

  /** Everybody looks until nobody finds anything. */
  drain(): void {
    for (let idle = 0; idle < PARTICIPANTS; ) {
      idle = 0
      for (let by = 0; by < PARTICIPANTS; by++) if (this.find(by) === EMPTY) idle++
    }
    for (const queues of this.#queues) for (const { seen, hidden } of queues) assert.equal([seen, hidden], [[], []])
  }
}

test('a team does what lists of tasks do: each task once, in order, and the dead give back what they held', () => {
  holds(
    fc.property(
      fc.constantFrom(1, 2, 4, 8),
      fc.constantFrom(0, 1),
      fc.array(step, { maxLength: 80 }),
      (capacity, spinUs, steps) => {
        const model = new Model(capacity, spinUs)
        for (const given of steps) {
          if (given.kind === 'submit') model.give(given.by, given.band, given.count)
          else if (given.kind === 'push') model.give(given.by, DEQUE, given.count)
          else if (given.kind === 'find') model.find(given.by)
          else if (given.kind === 'park') model.park(given.by)
          else if (given.kind === 'leave') model.leave(given.by)
          else if ('dead' in given) model.kill(given.by, given.dead)
        }
        model.drain()
      },
    ),
  )
})

test.run()
