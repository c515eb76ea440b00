/**
 * What the loops of layer 2 need and the checker does not look into, as plain as can be: payloads that are a number, calls
 * that count how often they are settled, an event loop that is a list. And a worker, which is the shipped one.
 */
import { add, load, notify, peek, poke, wait } from '#atomics'
import { RingProducer } from '../../../lib/ring-buffer/index.js'
import { ARGS_OFFSET, Finder, Idle, KINDS, type TeamMemory } from '../../../lib/scheduler/index.js'
import type { CallSite } from '../../../lib/workers/calls.js'
import type { Carrier } from '../../../lib/workers/codec/index.js'
import type { Child, Family } from '../../../lib/workers/family.js'
import { MainLoop, type TaskRunner, type Tender } from '../../../lib/workers/main-loop.js'
import { Parking } from '../../../lib/workers/parking.js'
import type { Tally } from '../../../lib/workers/tally.js'
import { expect, note, noted } from '../operations.js'
import type { Script } from '../scenario.js'

export const BYTES = 1 << 16
const LEDGER = BYTES / 4 - 64
/** By call: how often it ran, how often it was settled. */
export const RUNS = LEDGER
export const SETTLED = LEDGER + 16
const MEETING = LEDGER + 32
/** Set when a successor may begin. */
export const GATE = LEDGER + 48

/** Fields of the loops that decide nothing: statistics, and what never changes. */
export const STATISTICS = ['$parks', '$completed', '$helpCompleted', '$claims', '$touched', 'definition', 'rules']

/** What a task does: nothing, or wait until as many as `meet` run, so that one that is not woken for shows. */
export interface TaskRules {
  readonly meet?: number
  readonly mortal?: boolean
}

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
  releaseUnread(): void {}
  hasNotBegun(): boolean {
    return false
  }
  isBereft(): boolean {
    return false
  }
  retakeArguments(id: number): readonly number[] {
    return [peek(this.memory.words, this.memory.slot(id) + ARGS_OFFSET)]
  }
  readResult(): undefined {
    return undefined
  }
}

export function carrierOf(memory: TeamMemory): Carrier {
  return new NumberCarrier(memory) as unknown as Carrier
}

export const tally = { settled(): void {} } as unknown as Tally

/** What the event loop has for the host next. */
export class Queue {
  readonly callbacks: (() => void)[] = []

  next(callback: () => void): void {
    this.callbacks.push(callback)
  }
  later(): void {}
  hold(): void {}
  letGo(): void {}
}

export class ModelCall implements Child {
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
  readonly family: Family | undefined
  readonly isObserved = true
  readonly failure: unknown

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

export class Runner implements TaskRunner {
  readonly memory: TeamMemory
  readonly rules: TaskRules
  loop: MainLoop | undefined

  constructor(memory: TeamMemory, rules: TaskRules) {
    this.memory = memory
    this.rules = rules
  }

  execute(id: number, slot: number): void {
    const { words } = this.memory
    const call = peek(words, slot + ARGS_OFFSET)
    expect(note(words, RUNS + call, 1) === 1, `call ${call} ran twice`)
    if (this.rules.meet !== undefined) this.meet(this.rules.meet)
    ;(this.loop as MainLoop).complete(id, slot, 0)
  }

  meet(all: number): void {
    const { words } = this.memory
    const before = add(words, MEETING, 1)
    if (before + 1 === all) notify(words, MEETING, 16)
    for (let seen = before + 1; seen < all; seen = load(words, MEETING))
      wait(words, MEETING, seen, Number.POSITIVE_INFINITY)
  }
}

export class NoChildren implements Tender {
  readonly unsettled = 0

  tend(): boolean {
    return false
  }
  hasNews(): boolean {
    return false
  }
}

export class Worker implements Script {
  readonly name: string
  readonly isDaemon = true
  readonly isMortal: boolean
  readonly runner: Runner
  readonly finder: Finder
  readonly idle: Idle
  readonly parking: Parking
  readonly loop: MainLoop

  constructor(memory: TeamMemory, worker: number, rules: TaskRules) {
    this.name = `worker ${worker}`
    this.isMortal = rules.mortal === true
    const { words } = memory
    const tail = memory.ringTail(worker)
    const head = memory.ringHead(worker)
    const ring = new RingProducer(words, tail, head, memory.ringItems(worker), memory.ringCapacity)
    this.finder = new Finder(memory, worker, worker)
    this.idle = new Idle(memory, worker, 1)
    this.parking = new Parking(words, memory.park(worker), () => Promise.resolve())
    this.runner = new Runner(memory, rules)
    this.loop = new MainLoop(memory, this.finder, this.idle, ring, carrierOf(memory), this.parking, {
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
