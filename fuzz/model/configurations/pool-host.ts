/** The host of a pool, its workers, and what must hold at the end: for the configurations of a pool to fill in. */
import { load, store } from '#atomics'
import { packState, QUEUED, RUNNING, stateOf } from '../../../lib/ring-buffer/index.js'
import { Idle, LIVE, recover, SEARCHING, SLEEPING, STATE, TeamMemory } from '../../../lib/scheduler/index.js'
import type { Carrier } from '../../../lib/workers/codec/index.js'
import type { Definition } from '../../../lib/workers/definition.js'
import { Dispatcher } from '../../../lib/workers/dispatcher.js'
import { HostLoop } from '../../../lib/workers/host-loop.js'
import type { Turns } from '../../../lib/workers/platform-node.js'
import { checkpoint, expect, invoke, noted, turn } from '../operations.js'
import type { Play, Script } from '../scenario.js'
import {
  LOST_CALLS,
  ModelCall,
  NumberCarrier,
  Queue,
  RUNS,
  SETTLED,
  type TaskRules,
  TeamScenario,
  tally,
  WITHDRAWN,
  Worker,
} from './pool-parts.js'

export interface PoolRules extends TaskRules {
  readonly workers: number
  readonly hostSlots: number
  readonly calls: number
  /** The host blocks in `get`, or goes through its event loop. */
  readonly blocks?: boolean
  /** Each call comes in a turn of its own, and not all in one stretch. */
  readonly stretches?: boolean
  /** The function is known to be short: batches, and wakes that are saved. */
  readonly short?: boolean
  /** Bands of the calls, the default one where there is none. */
  readonly bands?: readonly number[]
  /** Calls for whose arguments there is room at a time. */
  readonly room?: number
  /** Of all slots, before their first use. */
  readonly generation?: number
  /** Most deaths; one where workers are mortal. The last worker lives where they are more. */
  readonly deaths?: number
}

export class Host implements Script {
  readonly name = 'host'
  /** It waits for deaths to the end. */
  readonly isDaemon: boolean = false
  readonly hearsDeaths = true
  readonly memory: TeamMemory
  readonly rules: PoolRules
  readonly carrier: NumberCarrier
  readonly dispatcher: Dispatcher
  readonly turns = new Queue()
  readonly loop: HostLoop
  readonly calls: ModelCall[] = []

  constructor(memory: TeamMemory, rules: PoolRules) {
    this.memory = memory
    this.rules = rules
    this.isDaemon = rules.mortal === true
    this.carrier = new NumberCarrier(memory, rules.room, rules.moves)
    this.dispatcher = new Dispatcher(memory, this.carrier as unknown as Carrier, tally)
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
    this.begin()
    if (this.rules.blocks === true)
      this.loop.block(
        () => this.isDone(),
        Number.POSITIVE_INFINITY,
        () => this.watch(),
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

  /** What the program does in one stretch; here: all calls. */
  begin(): void {
    if (this.rules.stretches === true) this.beginAt(0)
    else for (let i = 0; i < this.calls.length; i++) this.submit(this.calls[i] as ModelCall)
  }

  /** The next call comes after what this one has the event loop do. */
  beginAt(i: number): void {
    this.submit(this.calls[i] as ModelCall)
    if (i + 1 < this.calls.length) this.turns.next(() => this.beginAt(i + 1))
  }

  /** What a blocked host does when something was asked of it. */
  watch(): void {}

  submit(call: ModelCall): void {
    this.loop.launched(this.loop.launch(call.site, call.args), call)
  }

  bury(dead: number): void {
    this.loop.recovered(recover(this.memory, dead), () => new Error('lost'))
  }

  isDone(): boolean {
    for (let i = 0; i < this.calls.length; i++) if (!(this.calls[i] as ModelCall).isSettled) return false
    return true
  }
}

class PoolPlay implements Play {
  readonly scripts: readonly Script[]
  readonly memory: TeamMemory
  readonly rules: PoolRules

  constructor(memory: TeamMemory, rules: PoolRules, scripts: readonly Script[]) {
    this.memory = memory
    this.rules = rules
    this.scripts = scripts
  }

  end(): void {
    const { words } = this.memory
    for (let call = 0; call < this.rules.calls; call++) {
      expect(noted(words, SETTLED + call) === 1, `call ${call} was not settled`)
      expect(noted(words, RUNS + call) + noted(words, WITHDRAWN + call) < 2, `call ${call} was withdrawn and ran`)
      const isLost = noted(words, LOST_CALLS + call) > 0
      expect(
        !isLost || noted(words, RUNS + call) > 0 || this.rules.moves === true || this.rules.condemns === true,
        `call ${call} was lost and never ran`,
      )
    }
    for (let id = 0; id < this.memory.slotCount; id++) {
      const state = stateOf(load(words, this.memory.slot(id) + STATE))
      expect(state !== QUEUED && state !== RUNNING, `slot ${id} is left in state ${state}`)
    }
    expect(load(words, SEARCHING) === 0, 'a mark in SEARCHING is left behind')
    expect(load(words, SLEEPING) === load(words, LIVE), 'somebody waits and cannot be woken')
    expect((this.scripts[0] as Host).turns.held === 0, 'the host keeps its thread alive for nothing')
  }
}

export class PoolScenario extends TeamScenario {
  readonly rules: PoolRules

  constructor(name: string, tier: 'quick' | 'deep', preemptions: number, rules: PoolRules) {
    const { workers, hostSlots, mortal, deaths = mortal ? 1 : 0 } = rules
    super(name, tier, preemptions, deaths, { workers, hostSlots, workerSlots: 2 })
    this.rules = rules
  }

  begin(buffer: SharedArrayBuffer): Play {
    const memory = new TeamMemory(this.shape, buffer)
    const { generation = 0, workers } = this.rules
    if (generation > 0)
      for (let id = 0; id < memory.slotCount; id++)
        store(memory.words, memory.slot(id) + STATE, packState(0, 0, generation))
    const scripts: Script[] = [this.hostOf(memory)]
    for (let worker = 1; worker <= workers; worker++) {
      scripts.push(this.workerOf(memory, worker))
      new Idle(memory, worker, 1).enter()
    }
    return new PoolPlay(memory, this.rules, scripts)
  }

  hostOf(memory: TeamMemory): Host {
    return new Host(memory, this.rules)
  }

  workerOf(memory: TeamMemory, worker: number): Worker {
    const isLast = this.deaths > 1 && worker === this.rules.workers
    return new Worker(memory, worker, isLast ? { ...this.rules, mortal: false } : this.rules)
  }
}
