import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { load } from '#atomics'
import { SEARCHING, SLEEPING } from '../../../lib/scheduler/index.js'
import { EMPTY, type Participant, type Region, Team } from '../../../lib/scheduler/team/index.js'
import { openTeam } from '../../../lib/scheduler/team/map.js'
import { ABSENT } from '../../../lib/scheduler/team/membership.js'
import { interruptedAt, killedAt } from './interrupts.js'

// A participant is killed before each of its steps in turn, or another one goes first there. Then every task must be accounted for.

const alive = setInterval(() => {}, 1000) // parkAsync keeps no process alive
test.after(() => clearInterval(alive))

/** Where each task went. */
class Ledger {
  /** Times that a task was handed to somebody who lives, by findWork or recover. */
  readonly handed = new Map<number, number>()
  /** Given to the team for certain. */
  readonly given = new Set<number>()
  /** In a call that did not return. */
  readonly unsure = new Set<number>()
  /** Begun by the victim and finished for certain. */
  readonly finished = new Set<number>()
  /** What the victim runs, and whether a call that would end it has begun. */
  running = EMPTY
  ending = false

  hand(...tasks: readonly number[]): void {
    for (const task of tasks) this.handed.set(task, (this.handed.get(task) ?? 0) + 1)
  }

  /** The thread that was about to get them is dead. */
  giveUp(): void {
    for (const task of this.given) this.unsure.add(task)
  }

  check(what: string): void {
    for (const task of new Set([...this.given, ...this.unsure, ...this.handed.keys()])) {
      const times = this.handed.get(task) ?? 0
      const optional = this.unsure.has(task) || (task === this.running && this.ending)
      const least = optional || this.finished.has(task) ? 0 : 1
      const most = this.finished.has(task) ? 0 : 1
      assert.ok(this.given.has(task) || this.unsure.has(task), `${what}: task ${task} was never given`)
      assert.ok(times >= least && times <= most, `${what}: task ${task} was handed out ${times} times`)
    }
  }
}

/** A participant whose doings are written down. */
class Actor {
  readonly #ledger: Ledger
  readonly #participant: Participant
  readonly #isVictim: boolean

  constructor(ledger: Ledger, participant: Participant, isVictim: boolean) {
    this.#ledger = ledger
    this.#participant = participant
    this.#isVictim = isVictim
  }

  give(task: number, by: 'submit' | 'push', band?: number): void {
    this.#ledger.unsure.add(task)
    if (by === 'push') this.#participant.push(task)
    else this.#participant.submit(task, band)
    this.#ledger.unsure.delete(task)
    this.#ledger.given.add(task)
  }

  findWork(): void {
    this.#end(() => {
      const task = this.#participant.findWork()
      if (task === EMPTY) return
      if (this.#isVictim) this.#ledger.running = task
      else this.#ledger.hand(task)
    })
  }

  park(): void {
    this.#end(() => this.#participant.park(0))
  }

  recover(dead: number): void {
    const { queued, running } = this.#participant.recover(dead)
    this.#ledger.hand(...queued, ...running)
  }

  leave(): void {
    this.#end(() => this.#participant.leave())
  }

  #end(call: () => void): void {
    const before = this.#ledger.running
    if (this.#isVictim) this.#ledger.ending = before !== EMPTY
    if (this.#isVictim) this.#ledger.running = EMPTY
    try {
      call()
    } catch (error) {
      this.#ledger.running = before
      throw error
    }
    if (this.#isVictim && before !== EMPTY) this.#ledger.finished.add(before)
    this.#ledger.ending = false
  }
}

const OPTIONS = { participants: 3, capacity: 4, bands: 2 }
const VICTIM = 1

interface Scene {
  readonly region: Region
  readonly words: Int32Array
  readonly ledger: Ledger
  readonly first: Participant
  readonly victim: Actor
  readonly third: Participant
}

function stage(spinUs = 0): Scene {
  const region = Team.create(OPTIONS)
  const ledger = new Ledger()
  const [first, second, third] = [0, 1, 2].map((id) => Team.join(region, id, { spinUs }))
  const victim = new Actor(ledger, second!, true)
  return { region, words: new Int32Array(region.buffer), ledger, first: first!, victim, third: third! }
}

function give({ ledger }: Scene, participant: Participant, ...tasks: number[]): void {
  for (const task of tasks) {
    if (task % 2 === 0) participant.submit(task, (task >> 1) % 2)
    else participant.push(task)
    ledger.given.add(task)
  }
}

function drain({ ledger }: Scene, ...participants: Participant[]): void {
  for (const participant of participants) {
    for (let task = participant.findWork(); task !== EMPTY; task = participant.findWork()) ledger.hand(task)
  }
}

type Act = readonly [name: string, act: (victim: Actor) => void, prepare?: (scene: Scene) => void]

const ACTS: readonly Act[] = [
  ['submits', (victim) => victim.give(100, 'submit')],
  ['pushes', (victim) => victim.give(101, 'push')],
  [
    'submits and pushes',
    (victim) => {
      victim.give(100, 'submit', 0)
      victim.give(101, 'push')
      victim.give(102, 'submit', 1)
    },
  ],
  ['finds what another submitted', (victim) => victim.findWork(), (scene) => give(scene, scene.first, 2, 4)],
  ['finds what another pushed', (victim) => victim.findWork(), (scene) => give(scene, scene.third, 3, 5)],
  [
    'finds one task after the other',
    (victim) => {
      for (let i = 0; i < 4; i++) victim.findWork()
    },
    (scene) => give(scene, scene.first, 2, 3, 5),
  ],
  [
    'finds what it pushed and submitted itself',
    (victim) => {
      for (let i = 0; i < 3; i++) victim.give(100 + i, i === 0 ? 'submit' : 'push')
      for (let i = 0; i < 5; i++) victim.findWork()
    },
  ],
  [
    'parks, finds nothing, and parks again',
    (victim) => {
      victim.park()
      victim.findWork()
      victim.park()
    },
  ],
  [
    'leaves',
    (victim) => {
      victim.give(100, 'submit')
      victim.findWork()
      victim.leave()
    },
    (scene) => give(scene, scene.first, 2),
  ],
  ['recovers one that is not dead', (victim) => victim.recover(0), (scene) => give(scene, scene.first, 2, 3, 4)],
]

for (const [name, act, prepare] of ACTS) {
  for (const [how, spinUs] of [
    ['', 0],
    [', spinning', 1],
  ] as const) {
    test(`a participant that ${name}${how} is killed before each step: every task is handed out once`, async () => {
      let steps = 0
      for (let isKilled = true; isKilled; steps++) {
        const scene = stage(spinUs)
        const { first, third, victim, words, ledger } = scene
        prepare?.(scene)
        // Asleep, so that the victim's wakes have somebody to wake.
        const isAsleep = prepare === undefined
        const asleep = isAsleep ? third.parkAsync() : 'woken'
        isKilled = killedAt(steps, () => act(victim))
        if (name.startsWith('recovers')) {
          // It is the recoverer that died: the one it was recovering must not go on.
          if (isKilled && isFree(scene, 0)) ledger.giveUp()
          if (isKilled) recoverInto(scene, third, VICTIM)
          recoverInto(scene, third, 0)
          drain(scene, third)
        } else {
          recoverInto(scene, first, VICTIM)
          assert.equal(first.recover(VICTIM), { queued: [], running: [] })
          assert.is(await asleep, 'woken')
          drain(scene, third, first)
          // Whatever the death has left in the masks is gone, and its number can be used.
          assert.equal([load(words, SEARCHING), load(words, SLEEPING)], [0, 0], `step ${steps}`)
          const successor = Team.join(scene.region, VICTIM, { spinUs: 0 })
          give(scene, successor, 200, 201, 202, 203)
          drain(scene, third, successor)
        }
        ledger.check(`step ${steps}`)
      }
      assert.ok(steps > 4, `${steps} steps`)
    })
  }
}

/** True when a recovery has come to its end but for the return. */
function isFree({ region, words }: Scene, id: number): boolean {
  return load(words, openTeam(region).member(id)) === ABSENT
}

function recoverInto({ ledger }: Scene, by: Participant, dead: number): void {
  const { queued, running } = by.recover(dead)
  ledger.hand(...queued, ...running)
}

test('a recovery that is killed before each step is gone on with, whatever the first victim was doing', () => {
  let deaths = 0
  for (const [, act, prepare] of ACTS.slice(0, 8)) {
    for (let i = 0, first = true; first; i++) {
      for (let j = 0, second = true; second; j++) {
        const scene = stage()
        prepare?.(scene)
        first = killedAt(i, () => act(scene.victim))
        second = killedAt(j, () => recoverInto(scene, scene.first, VICTIM))
        if (second) {
          if (isFree(scene, VICTIM)) scene.ledger.giveUp()
          recoverInto(scene, scene.third, VICTIM) // nothing, once the one that has died had begun
          recoverInto(scene, scene.third, 0)
          deaths++
        }
        drain(scene, scene.third)
        for (const id of second ? [0, VICTIM] : [VICTIM]) Team.join(scene.region, id)
        scene.ledger.check(`steps ${i} and ${j}`)
      }
    }
  }
  assert.ok(deaths > 5000, `${deaths} deaths`)
})

test('a thief that is stopped anywhere while the owner dies takes nothing away from the successor', () => {
  let cases = 0
  for (let i = 0, first = true; first; i++) {
    for (let j = 0, second = true; second; j++) {
      const scene = stage()
      scene.victim.give(100, 'push')
      first = interruptedAt(
        i,
        () => drain(scene, scene.first),
        () => {
          second = killedAt(j, () => scene.victim.findWork())
          recoverInto(scene, scene.third, VICTIM)
        },
      )
      if (!first) break
      const successor = Team.join(scene.region, VICTIM, { spinUs: 0 })
      give(scene, successor, 201)
      drain(scene, scene.third)
      scene.ledger.check(`steps ${i} and ${j}`)
      cases++
    }
  }
  assert.ok(cases > 100, `${cases} cases`)
})

/** What one does and what another does meanwhile. Both live. */
const PAIRS: readonly (readonly [name: string, act: (scene: Scene) => void, meanwhile: (scene: Scene) => void])[] = [
  ['finds work / finds work', (scene) => drain(scene, scene.first), (scene) => drain(scene, scene.third)],
  ['finds work / submits', (scene) => drain(scene, scene.first), (scene) => give(scene, scene.third, 20, 21, 22)],
  [
    'finds work / recovers a dead one',
    (scene) => drain(scene, scene.first),
    (scene) => recoverInto(scene, scene.third, VICTIM),
  ],
  [
    'recovers a dead one / finds work',
    (scene) => recoverInto(scene, scene.first, VICTIM),
    (scene) => drain(scene, scene.third),
  ],
  [
    'recovers a dead one / recovers it',
    (scene) => recoverInto(scene, scene.first, VICTIM),
    (scene) => recoverInto(scene, scene.third, VICTIM),
  ],
  [
    'finds work / recovers a dead one, whose successor submits',
    (scene) => drain(scene, scene.first),
    (scene) => {
      recoverInto(scene, scene.third, VICTIM)
      const successor = Team.join(scene.region, VICTIM, { spinUs: 0 })
      give(scene, successor, 20, 21, 22, 23)
    },
  ],
  [
    'parks / submits',
    (scene) => {
      // One that has seen the task, or was seen asleep: it does not sleep on.
      if (scene.first.park(20) === 'timed-out') assert.is(scene.third.findWork(), EMPTY)
      drain(scene, scene.first)
    },
    (scene) => give(scene, scene.third, 20),
  ],
]

for (const [name, act, meanwhile] of PAIRS) {
  test(`one ${name} before any of its steps: every task is handed out once`, () => {
    let steps = 0
    for (let isInterrupted = true; isInterrupted; steps++) {
      const scene = stage()
      for (const task of [100, 102, 104]) scene.victim.give(task, 'submit', task % 4 === 0 ? 0 : 1)
      for (const task of [101, 103]) scene.victim.give(task, 'push')
      isInterrupted = interruptedAt(
        steps,
        () => act(scene),
        () => meanwhile(scene),
      )
      drain(scene, scene.third, scene.first)
      recoverInto(scene, scene.first, VICTIM)
      const successor = Team.join(scene.region, VICTIM, { spinUs: 0 })
      give(scene, successor, 200, 201)
      drain(scene, scene.third, successor, scene.first)
      scene.ledger.check(`step ${steps}`)
      assert.equal([load(scene.words, SEARCHING), load(scene.words, SLEEPING)], [0, 0], `step ${steps}`)
    }
    assert.ok(steps > 10, `${steps} steps`)
  })
}

test.run()
