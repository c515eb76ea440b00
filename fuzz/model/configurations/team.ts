/** A team: equals that submit, find, sleep, and clear up after one that has died. */
import { EMPTY } from '../../../lib/ring-buffer/index.js'
import { type Participant, Team } from '../../../lib/scheduler/team/index.js'
import { checkpoint, expect, note, noted, turn } from '../operations.js'
import type { Play, Scenario, Script } from '../scenario.js'

const BYTES = 1 << 14
const LEDGER = BYTES / 4 - 32
/** By task: how often it was begun, and how often given up with who ran it. */
const BEGUN = LEDGER
const GIVEN_UP = LEDGER + 16

interface Rules {
  readonly capacity: number
  readonly bands?: number
  /** Tasks of each member, from its number times 4 on: s submits one, h one in the highest band, p pushes one; w looks for work; e ends. */
  readonly plans: readonly string[]
  readonly mortal?: boolean
}

class Member implements Script {
  readonly name: string
  readonly isDaemon = true
  readonly hearsDeaths = true
  readonly isMortal: boolean
  readonly words: Int32Array
  readonly me: Participant
  readonly plan: string
  readonly highest: number

  constructor(words: Int32Array, me: Participant, rules: Rules) {
    this.name = `member ${me.id}`
    this.isMortal = rules.mortal === true
    this.words = words
    this.me = me
    this.plan = rules.plans[me.id] as string
    this.highest = (rules.bands ?? 1) - 1
  }

  run(): void {
    for (let i = 0; i < this.plan.length; i++) {
      const task = this.me.id * 4 + i
      if (this.plan[i] === 'e') return
      if (this.plan[i] === 'w') this.work()
      else if (this.plan[i] === 'p') this.me.push(task)
      else this.me.submit(task, this.plan[i] === 'h' ? this.highest : 0)
    }
    for (;;) {
      checkpoint()
      if (this.work()) continue
      if (this.me.parkAsync() === 'woken') continue
      for (let dead = turn(); dead >= 0; dead = turn()) this.bury(dead)
    }
  }

  work(): boolean {
    const task = this.me.findWork()
    if (task === EMPTY) return false
    expect(note(this.words, BEGUN + task, 1) === 1, `task ${task} ran twice`)
    return true
  }

  bury(dead: number): void {
    const { queued, running } = this.me.recover(dead)
    for (let i = 0; i < running.length; i++) note(this.words, GIVEN_UP + (running[i] as number), 1)
    for (let i = 0; i < queued.length; i++) this.me.submit(queued[i] as number)
  }
}

class TeamPlay implements Play {
  readonly scripts: readonly Member[]
  readonly words: Int32Array
  readonly rules: Rules

  constructor(words: Int32Array, rules: Rules, scripts: readonly Member[]) {
    this.words = words
    this.rules = rules
    this.scripts = scripts
  }

  /** All that was submitted was begun; a submitter that dies takes what it had not submitted with it. */
  end(): void {
    if (this.rules.mortal === true) return
    for (let id = 0; id < this.scripts.length; id++) {
      const { plan } = this.scripts[id] as Member
      for (let i = 0; i < plan.length; i++) {
        if (plan[i] === 'w' || plan[i] === 'e') continue
        expect(noted(this.words, BEGUN + id * 4 + i) === 1, `task ${id * 4 + i} was not run`)
      }
    }
  }
}

/** Member 0 submits and lives; what it has submitted must run, or be given up once, whoever else dies. */
class BereavedPlay extends TeamPlay {
  override end(): void {
    const { plan } = this.scripts[0] as Member
    for (let task = 0; task < plan.length; task++) {
      const begun = noted(this.words, BEGUN + task)
      const givenUp = noted(this.words, GIVEN_UP + task)
      expect(begun + givenUp >= 1, `task ${task} was lost`)
      expect(givenUp <= 1, `task ${task} was given up twice`)
    }
  }
}

class TeamScenario implements Scenario {
  readonly name: string
  readonly tier: 'quick' | 'deep'
  readonly bytes = BYTES
  readonly preemptions: number
  readonly deaths: number
  readonly rules: Rules

  constructor(name: string, tier: 'quick' | 'deep', preemptions: number, rules: Rules) {
    this.name = name
    this.tier = tier
    this.preemptions = preemptions
    this.rules = rules
    this.deaths = rules.mortal ? 1 : 0
  }

  begin(buffer: SharedArrayBuffer): Play {
    const words = new Int32Array(buffer)
    const { capacity, plans, bands = 1 } = this.rules
    const into = { buffer, byteOffset: 0, byteLength: LEDGER * 4 }
    const region = Team.create({ participants: plans.length, capacity, bands, into })
    const members: Member[] = []
    for (let id = 0; id < plans.length; id++)
      members.push(
        new Member(
          words,
          Team.join(region, id, { spinUs: 0 }),
          id === 0 ? { ...this.rules, mortal: false } : this.rules,
        ),
      )
    return this.deaths > 0 ? new BereavedPlay(words, this.rules, members) : new TeamPlay(words, this.rules, members)
  }
}

export const scenarios: readonly Scenario[] = [
  new TeamScenario('team: one submits, both find', 'quick', 2, { capacity: 2, plans: ['ss', ''] }),
  // Nobody but the other can find what it has submitted.
  new TeamScenario('team: one submits and never looks', 'quick', 3, { capacity: 2, plans: ['sse', ''] }),
  new TeamScenario('team: both submit and push', 'quick', 1, { capacity: 2, plans: ['sp', 'ps'] }),
  new TeamScenario('team: more than there is room for', 'quick', 2, { capacity: 1, plans: ['sss', ''] }),
  new TeamScenario('team: a place is pushed to again', 'quick', 2, { capacity: 1, plans: ['pwp', ''] }),
  new TeamScenario('team: bands', 'quick', 1, { capacity: 2, bands: 2, plans: ['sh', ''] }),
  new TeamScenario('team: a member dies', 'quick', 1, { capacity: 2, plans: ['s', ''], mortal: true }),
  new TeamScenario('team: three', 'deep', 1, { capacity: 2, plans: ['ss', '', ''] }),
  new TeamScenario('team: one of three dies', 'deep', 1, { capacity: 2, plans: ['ss', '', ''], mortal: true }),
]
