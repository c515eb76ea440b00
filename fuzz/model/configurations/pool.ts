/**
 * The pool: one host that submits, workers that find, run, complete and park. The loops of both, the queues and the slots
 * are the shipped ones; payloads and timers are as plain as can be.
 */
import { add, load, notify, peek, poke, wait } from '#atomics'
import { QUEUED, RingProducer, RUNNING, stateOf } from '../../../lib/ring-buffer/index.js'
import {
  ARGS_OFFSET,
  Finder,
  Idle,
  KINDS,
  LIVE,
  recover,
  SEARCHING,
  SLEEPING,
  STATE,
  TeamMemory,
  wakeOne,
} from '../../../lib/scheduler/index.js'
import type { Call, CallSite } from '../../../lib/workers/calls.js'
import type { Carrier } from '../../../lib/workers/codec/index.js'
import type { Definition } from '../../../lib/workers/definition.js'
import { Dispatcher } from '../../../lib/workers/dispatcher.js'
import { HostLoop } from '../../../lib/workers/host-loop.js'
import { MainLoop, type TaskRunner, type Tender } from '../../../lib/workers/main-loop.js'
import { Parking } from '../../../lib/workers/parking.js'
import type { Turns } from '../../../lib/workers/platform-node.js'
import type { Tally } from '../../../lib/workers/tally.js'
import { checkpoint, expect, invoke, note, noted, turn } from '../operations.js'
import type { Play, Scenario, Script } from '../scenario.js'

interface Rules {
  readonly workers: number
  readonly hostSlots: number
  readonly calls: number
  /** The host blocks in `get`, or goes through its event loop. */
  readonly blocks: boolean
  /** The function is known to be short: batches, and wakes that are saved. */
  readonly short?: boolean
  /** Each task waits until all run: a wake-up that is missing leaves one without the others. */
  readonly meet?: boolean
  /** Bands of the calls, the default one where there is none. */
  readonly bands?: readonly number[]
  readonly mortal?: boolean
}

const BYTES = 1 << 16
const LEDGER = BYTES / 4 - 64
/** By call: how often it ran, how often it was settled. */
const RUNS = LEDGER
const SETTLED = LEDGER + 16
const MEETING = LEDGER + 32

/** A call's argument is its number; there are no results. */
class NumberCarrier {
  readonly memory: TeamMemory

  constructor(memory: TeamMemory) {
    this.memory = memory
  }

  writeArguments(id: number, args: readonly number[], flags: number): boolean {
    const slot = this.memory.slot(id)
    poke(this.memory.words, slot + ARGS_OFFSET, args[0] as number)
    poke(this.memory.words, slot + KINDS, flags)
    return true
  }
  releaseArguments(): void {}
  releaseResult(): void {}
  readResult(): undefined {
    return undefined
  }
}

function carrierOf(memory: TeamMemory): Carrier {
  return new NumberCarrier(memory) as unknown as Carrier
}

const tally = { settled(): void {} } as unknown as Tally

/** What the event loop has for the host next. */
class Queue {
  readonly callbacks: (() => void)[] = []

  next(callback: () => void): void {
    this.callbacks.push(callback)
  }
  later(): void {}
  hold(): void {}
  letGo(): void {}
}

class ModelCall implements Call {
  readonly id: number
  readonly site: CallSite
  readonly args: readonly unknown[]
  readonly words: Int32Array
  slot = -1
  attempt = 1
  executor = 0
  submittedMs = 0
  waitTicks = 0
  runTicks = 0
  isSettled = false

  constructor(words: Int32Array, id: number, site: CallSite) {
    this.words = words
    this.id = id
    this.args = [id]
    this.site = site
  }

  succeed(): void {
    expect(noted(this.words, RUNS + this.id) === 1, `call ${this.id} is settled and did not run`)
    this.settle()
  }
  fail(): void {
    expect(false, `call ${this.id} failed`)
  }
  lose(): void {
    this.settle()
  }
  settle(): void {
    this.isSettled = true
    expect(note(this.words, SETTLED + this.id, 1) === 1, `call ${this.id} was settled twice`)
  }
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

class Runner implements TaskRunner {
  readonly memory: TeamMemory
  readonly rules: Rules
  loop: MainLoop | undefined

  constructor(memory: TeamMemory, rules: Rules) {
    this.memory = memory
    this.rules = rules
  }

  execute(id: number, slot: number): void {
    const { words } = this.memory
    const call = peek(words, slot + ARGS_OFFSET)
    expect(note(words, RUNS + call, 1) === 1, `call ${call} ran twice`)
    if (this.rules.meet) this.meet()
    ;(this.loop as MainLoop).complete(id, slot, 0)
  }

  meet(): void {
    const { words } = this.memory
    const before = add(words, MEETING, 1)
    if (before + 1 === this.rules.calls) notify(words, MEETING, 16)
    for (let seen = before + 1; seen < this.rules.calls; seen = load(words, MEETING))
      wait(words, MEETING, seen, Number.POSITIVE_INFINITY)
  }
}

class NoChildren implements Tender {
  readonly unsettled = 0

  tend(): boolean {
    return false
  }
  hasNews(): boolean {
    return false
  }
}

class Worker implements Script {
  readonly name: string
  readonly isDaemon = true
  readonly isMortal: boolean
  readonly runner: Runner
  readonly loop: MainLoop

  constructor(memory: TeamMemory, worker: number, rules: Rules) {
    this.name = `worker ${worker}`
    this.isMortal = rules.mortal === true
    const { words } = memory
    const tail = memory.ringTail(worker)
    const head = memory.ringHead(worker)
    const ring = new RingProducer(words, tail, head, memory.ringItems(worker), memory.ringCapacity)
    const finder = new Finder(memory, worker, worker)
    const idle = new Idle(memory, worker, 1)
    const parking = new Parking(words, memory.park(worker), () => Promise.resolve())
    this.runner = new Runner(memory, rules)
    this.loop = new MainLoop(memory, finder, idle, ring, carrierOf(memory), parking, {
      worker,
      spinMs: 0,
      concurrentTasks: 1,
      clockOffsetMs: 0,
    })
    this.runner.loop = this.loop
  }

  run(): void {
    this.loop.run(this.runner, new NoChildren())
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
  readonly ignoredFields = ['$parks', '$completed', '$helpCompleted', '$claims', 'definition', '$touched', 'rules']

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
  new PoolScenario('pool: two tasks meet', 'quick', 1, {
    workers: 2,
    hostSlots: 2,
    calls: 2,
    blocks: false,
    meet: true,
  }),
  new PoolScenario('pool: short tasks', 'quick', 1, { workers: 2, hostSlots: 4, calls: 3, blocks: false, short: true }),
  new PoolScenario('pool: three tasks meet', 'deep', 2, {
    workers: 3,
    hostSlots: 4,
    calls: 3,
    blocks: false,
    meet: true,
  }),
  new PoolScenario('pool: a worker dies', 'quick', 1, {
    workers: 2,
    hostSlots: 2,
    calls: 2,
    blocks: false,
    mortal: true,
  }),
]
