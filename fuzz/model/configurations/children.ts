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
  carrierOf,
  GATE,
  ModelCall,
  RUNS,
  Runner,
  SETTLED,
  type TaskRules,
  TeamScenario,
  tally,
  Worker,
} from './pool-parts.js'

interface Rules extends TaskRules {
  /** Children of the first incarnation, and of its successor. */
  readonly calls: number
  readonly workerSlots: number
  /** Waits by joining: runs them itself where it can. */
  readonly joins?: boolean
  /** The successor joins, too: for when there may be nobody else to run its children. */
  readonly successorJoins?: boolean
  /** The first child has a child itself, which whoever waits for the first may run. */
  readonly grandchild?: boolean
  readonly executors: number
  readonly mortalParent?: boolean
  readonly mortalExecutors?: boolean
  readonly idempotent?: boolean
  readonly deaths?: number
}

const PARENT = 1
const fn = (): void => {}
const definition = { id: 7, name: 'child', meanTicks: 100_000, fn, origin: { kind: 'remote' } } as unknown as Definition
const GRANDCHILD = 8

/** Nothing is known of a child's function, so a joiner runs no child but its own; or it is known to be synchronous. */
function functionsOf(isKnown: boolean): Functions {
  const known = isKnown ? { kind: 'sync', fn } : undefined
  return { numberOf: () => 7, get: () => known } as unknown as Functions
}

function childrenOf(memory: TeamMemory, by: Worker, slots: Submissions, isKnown: boolean): Children {
  const { worker, finder, loop, parking } = by
  const executor = new LocalRunner(memory.words) as unknown as Executor
  return new Children(memory, worker, slots, finder, functionsOf(isKnown), loop, executor, parking)
}

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
    // Who joins finds its child whatever the deque says.
    this.joins = rules.joins === true && (!isSuccessor || rules.successorJoins === true)
    this.park = memory.park(PARENT)
    this.worker = new Worker(memory, PARENT, rules)
    this.slots = new Submissions(memory, PARENT, carrierOf(memory), tally)
    this.children = childrenOf(memory, this.worker, this.slots, rules.grandchild === true)
    Object.assign(this.worker.loop, { $runner: this.worker.runner, $tender: this.children })
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
      this.worker.idle.clearNews()
      if (!this.children.hasNews()) wait(words, this.park, 0, Number.POSITIVE_INFINITY)
    }
  }

  isDone(): boolean {
    for (let i = 0; i < this.calls.length; i++) if (!(this.calls[i] as ModelCall).isSettled) return false
    return !this.slots.isHeir
  }
}

/** Runs the first child, which calls one itself and joins it. */
class BearingRunner extends Runner {
  children: Children | undefined

  override work(call: number): void {
    if (call >= GRANDCHILD) return
    const children = this.children as Children
    const grandchild = new ModelCall(this.memory.words, GRANDCHILD + call, { definition, band: 3, idempotent: false })
    children.submit(grandchild)
    children.block(grandchild, () => grandchild.isSettled, Number.POSITIVE_INFINITY)
  }
}

class BearingWorker extends Worker {
  readonly children: Children

  constructor(memory: TeamMemory, worker: number, rules: TaskRules) {
    super(memory, worker, rules)
    const slots = new Submissions(memory, worker, carrierOf(memory), tally)
    this.children = childrenOf(memory, this, slots, true)
    ;(this.runner as BearingRunner).children = this.children
  }

  override runnerOf(memory: TeamMemory, worker: number, rules: TaskRules): Runner {
    return new BearingRunner(memory, worker, rules, this.parking)
  }

  override run(): void {
    this.loop.run(this.runner, this.children)
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
    const Executors = rules.grandchild === true ? BearingWorker : Worker
    for (let i = 0; i < rules.executors; i++)
      executors.push(new Executors(memory, 2 + i, { mortal: rules.mortalExecutors === true }))
    this.scripts = [this.parent, this.successor, new Undertaker(memory), ...executors]
  }

  end(): void {
    const { words } = this.memory
    expect(noted(words, SETTLED + GRANDCHILD) >= noted(words, RUNS + GRANDCHILD), 'the grandchild was not settled')
    expect(noted(words, RUNS + GRANDCHILD) <= 1, 'the grandchild ran more than once')
    const hasSuccessor = load(words, GATE) === 1
    const { calls } = this.rules
    if (this.rules.mortalExecutors !== true || this.rules.executors > 1 || this.rules.successorJoins === true) {
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

class ChildrenScenario extends TeamScenario {
  readonly rules: Rules

  constructor(name: string, tier: 'quick' | 'deep', preemptions: number, rules: Rules) {
    const { executors, workerSlots, mortalParent, mortalExecutors } = rules
    const { deaths = mortalParent || mortalExecutors ? 1 : 0 } = rules
    super(name, tier, preemptions, deaths, { workers: 1 + executors, hostSlots: 2, workerSlots })
    this.rules = rules
  }

  begin(buffer: SharedArrayBuffer): Play {
    const play = new ChildrenPlay(new TeamMemory(this.shape, buffer), this.rules)
    play.parent.worker.idle.enter()
    for (let i = 3; i < play.scripts.length; i++) (play.scripts[i] as Worker).idle.enter()
    return play
  }
}

const ONE = { calls: 1, workerSlots: 2, executors: 1 }
const TWO = { calls: 2, workerSlots: 2, executors: 1 }

export const scenarios: readonly Scenario[] = [
  new ChildrenScenario('children: run elsewhere', 'quick', 2, TWO),
  new ChildrenScenario('children: joined', 'quick', 2, { ...TWO, joins: true }),
  new ChildrenScenario('children: one joined', 'quick', 3, { ...ONE, joins: true }),
  new ChildrenScenario('children: two executors', 'quick', 1, { ...TWO, executors: 2 }),
  new ChildrenScenario('children: leapfrogging', 'quick', 2, { ...ONE, joins: true, grandchild: true }),
  new ChildrenScenario('deaths: the joining parent', 'deep', 1, { ...ONE, joins: true, mortalParent: true }),
  new ChildrenScenario('deaths: the parent', 'quick', 1, { ...ONE, mortalParent: true }),
  new ChildrenScenario('deaths: the parent of two', 'deep', 2, { ...TWO, mortalParent: true }),
  new ChildrenScenario('deaths: the parent with one slot', 'quick', 1, { ...ONE, workerSlots: 1, mortalParent: true }),
  new ChildrenScenario('deaths: the parent with one slot, more switches', 'deep', 2, {
    ...ONE,
    workerSlots: 1,
    mortalParent: true,
  }),
  new ChildrenScenario('deaths: an executor', 'quick', 0, { ...ONE, executors: 2, mortalExecutors: true }),
  new ChildrenScenario('deaths: a leapfrogging parent', 'deep', 1, {
    ...ONE,
    joins: true,
    grandchild: true,
    mortalParent: true,
  }),
  new ChildrenScenario('deaths: the parent and its executor', 'quick', 0, {
    ...ONE,
    joins: true,
    successorJoins: true,
    mortalParent: true,
    mortalExecutors: true,
    deaths: 2,
  }),
]
