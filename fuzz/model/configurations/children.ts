/**
 * Children: a worker submits, another runs them, and either may die at any moment; a successor of the submitter uses the same
 * slots. The children's submitter, the main loop of their executor and the recovery are the shipped ones.
 */
import { load, notify, store, wait } from '#atomics'
import { CONDEMNED, QUEUED, RUNNING, stateOf } from '../../../lib/ring-buffer/index.js'
import { recover, STATE, TeamMemory, wakeOne } from '../../../lib/scheduler/index.js'
import { Children } from '../../../lib/workers/children.js'
import type { Definition } from '../../../lib/workers/definition.js'
import { Dispatcher } from '../../../lib/workers/dispatcher.js'
import type { Executor } from '../../../lib/workers/execute.js'
import type { Functions } from '../../../lib/workers/functions.js'
import { Submissions } from '../../../lib/workers/submissions.js'
import { checkpoint, expect, nextDeath, note, noted } from '../operations.js'
import type { Play, Scenario, Script } from '../scenario.js'
import {
  BYTES,
  carrierOf,
  GATE,
  ModelCall,
  RUNS,
  SETTLED,
  STATISTICS,
  type TaskRules,
  tally,
  Worker,
} from './pool-parts.js'

interface Rules extends TaskRules {
  /** Children of the first incarnation, and of its successor. */
  readonly calls: number
  readonly workerSlots: number
  /** Waits by joining: runs them itself where it can. */
  readonly joins?: boolean
  readonly executors: number
  readonly mortalParent?: boolean
  readonly mortalExecutors?: boolean
  readonly idempotent?: boolean
}

const PARENT = 1
const functions = { numberOf: () => 7, get: () => undefined } as unknown as Functions

/** What runs a child that found no place in shared memory. */
class LocalRunner {
  readonly words: Int32Array
  readonly family = undefined

  constructor(words: Int32Array) {
    this.words = words
  }

  runLocal(call: ModelCall): void {
    note(this.words, RUNS + call.id, 1)
    call.succeed()
  }
}

class Parent implements Script {
  readonly name: string
  readonly isMortal: boolean
  readonly isDaemon: boolean
  readonly isSuccessor: boolean
  readonly memory: TeamMemory
  readonly worker: Worker
  readonly children: Children
  readonly slots: Submissions
  readonly calls: ModelCall[] = []
  readonly joins: boolean
  readonly park: number

  constructor(memory: TeamMemory, rules: Rules, isSuccessor: boolean) {
    this.name = isSuccessor ? 'successor' : 'parent'
    this.isMortal = rules.mortalParent === true && !isSuccessor
    this.isDaemon = isSuccessor
    this.isSuccessor = isSuccessor
    this.memory = memory
    this.joins = rules.joins === true && !isSuccessor // who joins finds its child whatever the deque says
    this.park = memory.park(PARENT)
    this.worker = new Worker(memory, PARENT, rules)
    const { finder, loop, parking, runner } = this.worker
    this.slots = new Submissions(memory, PARENT, carrierOf(memory), tally)
    const executor = new LocalRunner(memory.words) as unknown as Executor
    this.children = new Children(memory, PARENT, this.slots, finder, functions, loop, executor, parking)
    Object.assign(loop, { $runner: runner, $tender: this.children })
    const fn = (): void => {}
    const definition = {
      id: 7,
      name: 'child',
      meanTicks: 100_000,
      fn,
      origin: { kind: 'remote' },
    } as unknown as Definition
    const site = { definition, band: 3, idempotent: rules.idempotent === true }
    const first = isSuccessor ? rules.calls : 0
    for (let i = 0; i < rules.calls; i++) this.calls.push(new ModelCall(memory.words, first + i, site))
  }

  run(): void {
    const { words } = this.memory
    if (this.isSuccessor) {
      if (load(words, GATE) === 0) wait(words, GATE, 0, Number.POSITIVE_INFINITY)
      this.slots.inherit()
      this.worker.idle.enter()
    }
    for (let i = 0; i < this.calls.length; i++) this.children.submit(this.calls[i] as ModelCall)
    if (this.joins) {
      for (let i = 0; i < this.calls.length; i++) {
        const call = this.calls[i] as ModelCall
        this.children.block(call, () => call.isSettled, Number.POSITIVE_INFINITY)
      }
      return
    }
    for (;;) {
      checkpoint()
      if (this.isDone()) return
      if (this.children.tend()) continue
      this.worker.idle.clearToken()
      if (!this.children.hasNews()) wait(words, this.park, 0, Number.POSITIVE_INFINITY)
    }
  }

  isDone(): boolean {
    for (let i = 0; i < this.calls.length; i++) if (!(this.calls[i] as ModelCall).isSettled) return false
    return !this.slots.isHeir
  }
}

/** The host: recovers who dies, and starts a successor of the parent. */
class Undertaker implements Script {
  readonly name = 'host'
  readonly isDaemon = true
  readonly memory: TeamMemory
  readonly dispatcher: Dispatcher

  constructor(memory: TeamMemory) {
    this.memory = memory
    this.dispatcher = new Dispatcher(memory, carrierOf(memory), tally)
  }

  run(): void {
    const { words } = this.memory
    for (;;) {
      const dead = nextDeath()
      const worker = dead === 0 ? PARENT : dead - 1 // after the parent come its successor and the host
      const { lost, queued } = recover(this.memory, worker)
      this.dispatcher.recovered(lost, queued, () => new Error('lost'))
      wakeOne(this.memory)
      if (worker !== PARENT) continue
      store(words, GATE, 1)
      notify(words, GATE, 1)
    }
  }
}

class ChildrenPlay implements Play {
  readonly scripts: readonly Script[]
  readonly memory: TeamMemory
  readonly parent: Parent
  readonly successor: Parent
  readonly rules: Rules

  constructor(memory: TeamMemory, rules: Rules) {
    this.memory = memory
    this.rules = rules
    this.parent = new Parent(memory, rules, false)
    this.successor = new Parent(memory, rules, true)
    const executors: Worker[] = []
    for (let i = 0; i < rules.executors; i++)
      executors.push(new Worker(memory, 2 + i, { mortal: rules.mortalExecutors === true }))
    this.scripts = [this.parent, this.successor, new Undertaker(memory), ...executors]
  }

  end(): void {
    const { words } = this.memory
    const hasSuccessor = load(words, GATE) === 1
    const { calls } = this.rules
    if (this.rules.mortalExecutors !== true || this.rules.executors > 1) {
      const first = hasSuccessor ? calls : 0
      for (let call = first; call < first + calls; call++)
        expect(noted(words, SETTLED + call) === 1, `child ${call} of the living was not settled`)
    }
    for (let call = 0; call < 2 * calls; call++)
      expect(noted(words, RUNS + call) <= 1, `child ${call} ran more than once`)
    if (hasSuccessor) expect(!this.successor.slots.isHeir, 'a slot of the dead is never used again')
    for (let id = 0; id < this.memory.slotCount; id++) {
      const state = stateOf(load(words, this.memory.slot(id) + STATE))
      expect(state !== QUEUED && state !== RUNNING && state !== CONDEMNED, `slot ${id} is left in state ${state}`)
    }
  }
}

class ChildrenScenario implements Scenario {
  readonly name: string
  readonly tier: 'quick' | 'deep'
  readonly bytes = BYTES
  readonly rules: Rules
  readonly preemptions: number
  readonly deaths: number
  readonly ignoredFields = STATISTICS

  constructor(name: string, tier: 'quick' | 'deep', preemptions: number, rules: Rules) {
    this.name = name
    this.tier = tier
    this.preemptions = preemptions
    this.rules = rules
    this.deaths = rules.mortalParent || rules.mortalExecutors ? 1 : 0
  }

  begin(buffer: SharedArrayBuffer): Play {
    const { executors, workerSlots } = this.rules
    const memory = new TeamMemory({ workers: 1 + executors, hostSlots: 2, workerSlots }, buffer)
    const play = new ChildrenPlay(memory, this.rules)
    play.parent.worker.idle.enter()
    for (let i = 3; i < play.scripts.length; i++) (play.scripts[i] as Worker).idle.enter()
    return play
  }

  /** Statistics decide nothing. */
  ignoredWords(buffer: SharedArrayBuffer): readonly number[] {
    const { executors, workerSlots } = this.rules
    const memory = new TeamMemory({ workers: 1 + executors, hostSlots: 2, workerSlots }, buffer)
    const words: number[] = []
    for (let worker = 0; worker <= memory.workers; worker++)
      for (let i = 0; i < 3; i++) words.push(memory.counters(worker) + i)
    return words
  }
}

export const scenarios: readonly Scenario[] = [
  new ChildrenScenario('children: run elsewhere', 'quick', 2, { calls: 2, workerSlots: 2, executors: 1 }),
  new ChildrenScenario('children: joined', 'quick', 2, { calls: 2, workerSlots: 2, executors: 1, joins: true }),
  new ChildrenScenario('children: one joined', 'quick', 3, { calls: 1, workerSlots: 2, executors: 1, joins: true }),
  new ChildrenScenario('children: two executors', 'quick', 1, { calls: 2, workerSlots: 2, executors: 2 }),
  new ChildrenScenario('deaths: the joining parent', 'deep', 1, {
    calls: 1,
    workerSlots: 2,
    executors: 1,
    joins: true,
    mortalParent: true,
  }),
  new ChildrenScenario('deaths: the parent', 'quick', 1, {
    calls: 1,
    workerSlots: 2,
    executors: 1,
    mortalParent: true,
  }),
  new ChildrenScenario('deaths: the parent with one slot', 'quick', 1, {
    calls: 1,
    workerSlots: 1,
    executors: 1,
    mortalParent: true,
  }),
  new ChildrenScenario('deaths: the parent with one slot, more switches', 'deep', 2, {
    calls: 1,
    workerSlots: 1,
    executors: 1,
    mortalParent: true,
  }),
  new ChildrenScenario('deaths: an executor', 'quick', 0, {
    calls: 1,
    workerSlots: 2,
    executors: 2,
    mortalExecutors: true,
  }),
  new ChildrenScenario('deaths: the parent of two', 'deep', 2, {
    calls: 2,
    workerSlots: 2,
    executors: 1,
    mortalParent: true,
  }),
]
