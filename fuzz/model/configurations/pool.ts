/**
 * The pool: one host that submits, workers that find, run, complete and park. The loops of both, the queues and the slots
 * are the shipped ones; payloads and timers are as plain as can be.
 */
import { load } from '#atomics'
import { QUEUED, RUNNING, stateOf } from '../../../lib/ring-buffer/index.js'
import { Idle, LIVE, recover, SEARCHING, SLEEPING, STATE, TeamMemory, wakeOne } from '../../../lib/scheduler/index.js'
import type { Definition } from '../../../lib/workers/definition.js'
import { Dispatcher } from '../../../lib/workers/dispatcher.js'
import { HostLoop } from '../../../lib/workers/host-loop.js'
import type { Turns } from '../../../lib/workers/platform-node.js'
import { checkpoint, expect, invoke, noted, turn } from '../operations.js'
import type { Play, Scenario, Script } from '../scenario.js'
import { BYTES, carrierOf, ModelCall, Queue, SETTLED, STATISTICS, type TaskRules, tally, Worker } from './pool-parts.js'

interface Rules extends TaskRules {
  readonly workers: number
  readonly hostSlots: number
  readonly calls: number
  /** The host blocks in `get`, or goes through its event loop. */
  readonly blocks: boolean
  /** The function is known to be short: batches, and wakes that are saved. */
  readonly short?: boolean
  /** Bands of the calls, the default one where there is none. */
  readonly bands?: readonly number[]
}

class Host implements Script {
  readonly name = 'host'
  /** It waits for deaths to the end. */
  readonly isDaemon: boolean
  readonly hearsDeaths = true
  readonly memory: TeamMemory
  readonly rules: Rules
  readonly dispatcher: Dispatcher
  readonly turns = new Queue()
  readonly loop: HostLoop
  readonly calls: ModelCall[] = []

  constructor(memory: TeamMemory, rules: Rules) {
    this.memory = memory
    this.rules = rules
    this.isDaemon = rules.mortal === true
    this.dispatcher = new Dispatcher(memory, carrierOf(memory), tally)
    this.dispatcher.workers = rules.workers
    const turns = this.turns as unknown as Turns
    this.loop = new HostLoop(memory, this.dispatcher, turns, 0, () => {})
    const definition = { id: 7, name: 'task', meanTicks: rules.short ? 0 : 100_000 } as Definition
    for (let i = 0; i < rules.calls; i++) {
      const site = { definition, band: rules.bands?.[i] ?? 3, idempotent: false }
      this.calls.push(new ModelCall(memory.words, i, site))
    }
  }

  run(): void {
    const short = this.rules.short === true
    for (let i = 0; i < this.calls.length; i++) this.submit(this.calls[i] as ModelCall, short)
    if (this.rules.blocks)
      this.loop.block(
        () => this.isDone(),
        Number.POSITIVE_INFINITY,
        () => {},
      )
    for (;;) {
      checkpoint()
      const callback = this.turns.callbacks.shift()
      if (callback !== undefined) invoke(callback)
      else if (this.isDone() && !this.isDaemon) return
      else {
        const dead = turn()
        if (dead >= 0) this.bury(dead)
      }
    }
  }

  /** As `Host.launch` and `Host.launched`. */
  submit(call: ModelCall, short: boolean): void {
    const id = this.dispatcher.launch(call.site, call.args)
    if (this.loop.isStretchStart) {
      this.dispatcher.publish()
      this.loop.wake(short)
    } else if (!short) this.loop.wake(false)
    this.dispatcher.adopt(id, call)
    this.loop.submitted(id, short)
  }

  /** As `Host.died`. */
  bury(dead: number): void {
    const { lost, queued } = recover(this.memory, dead)
    this.dispatcher.recovered(lost, queued, () => new Error('lost'))
    if (this.dispatcher.unsettled > 0) wakeOne(this.memory)
    this.loop.nudge()
  }

  isDone(): boolean {
    for (let i = 0; i < this.calls.length; i++) if (!(this.calls[i] as ModelCall).isSettled) return false
    return true
  }
}

class PoolPlay implements Play {
  readonly scripts: readonly Script[]
  readonly memory: TeamMemory
  readonly rules: Rules

  constructor(memory: TeamMemory, rules: Rules, scripts: readonly Script[]) {
    this.memory = memory
    this.rules = rules
    this.scripts = scripts
  }

  end(): void {
    const { words } = this.memory
    for (let call = 0; call < this.rules.calls; call++)
      expect(noted(words, SETTLED + call) === 1, `call ${call} was not settled`)
    for (let id = 0; id < this.memory.slotCount; id++) {
      const state = stateOf(load(words, this.memory.slot(id) + STATE))
      expect(state !== QUEUED && state !== RUNNING, `slot ${id} is left in state ${state}`)
    }
    expect(load(words, SEARCHING) === 0, 'a mark in SEARCHING is left behind')
    expect(load(words, SLEEPING) === load(words, LIVE), 'somebody waits and cannot be woken')
  }
}

class PoolScenario implements Scenario {
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
    this.deaths = rules.mortal ? 1 : 0
  }

  begin(buffer: SharedArrayBuffer): Play {
    const memory = this.mapOf(buffer)
    const host = new Host(memory, this.rules)
    const scripts: Script[] = [host]
    for (let worker = 1; worker <= this.rules.workers; worker++) {
      scripts.push(new Worker(memory, worker, this.rules))
      new Idle(memory, worker, 1).enter()
    }
    return new PoolPlay(memory, this.rules, scripts)
  }

  /** Statistics decide nothing. */
  ignoredWords(buffer: SharedArrayBuffer): readonly number[] {
    const memory = this.mapOf(buffer)
    const words: number[] = []
    for (let worker = 0; worker <= this.rules.workers; worker++)
      for (let i = 0; i < 3; i++) words.push(memory.counters(worker) + i)
    return words
  }

  mapOf(buffer: SharedArrayBuffer): TeamMemory {
    const { workers, hostSlots } = this.rules
    return new TeamMemory({ workers, hostSlots, workerSlots: 2 }, buffer)
  }
}

export const scenarios: readonly Scenario[] = [
  new PoolScenario('pool: one worker, a call', 'quick', 3, { workers: 1, hostSlots: 2, calls: 1, blocks: false }),
  new PoolScenario('pool: one worker, a blocked host', 'quick', 3, {
    workers: 1,
    hostSlots: 2,
    calls: 1,
    blocks: true,
  }),
  new PoolScenario('pool: two tasks meet', 'quick', 1, { workers: 2, hostSlots: 2, calls: 2, blocks: false, meet: 2 }),
  new PoolScenario('pool: short tasks', 'quick', 1, { workers: 2, hostSlots: 4, calls: 3, blocks: false, short: true }),
  new PoolScenario('pool: a worker dies', 'quick', 0, {
    workers: 2,
    hostSlots: 2,
    calls: 1,
    blocks: false,
    mortal: true,
  }),
  new PoolScenario('pool: a worker dies, two calls', 'deep', 1, {
    workers: 2,
    hostSlots: 2,
    calls: 2,
    blocks: false,
    mortal: true,
  }),
  new PoolScenario('pool: two tasks meet, more switches', 'deep', 2, {
    workers: 2,
    hostSlots: 2,
    calls: 2,
    blocks: false,
    meet: 2,
  }),
  new PoolScenario('pool: three tasks meet', 'deep', 1, { workers: 3, hostSlots: 4, calls: 3, blocks: false, meet: 3 }),
  new PoolScenario('pool: bands', 'quick', 1, { workers: 2, hostSlots: 2, calls: 2, blocks: false, bands: [5, 1] }),
  new PoolScenario('pool: more calls than slots', 'quick', 1, { workers: 1, hostSlots: 1, calls: 3, blocks: false }),
]
