/**
 * What the loops of layer 2 need and the checker does not look into, as plain as can be: payloads that are a number, calls
 * that count how often they are settled, an event loop that is a list. And a worker, which is the shipped one.
 */
import { add, load, notify, peek, poke, store, wait, waitAsync } from '#atomics'
import { RingProducer } from '../../../lib/ring-buffer/index.js'
import { ARGS_OFFSET, Asker, Finder, Idle, KINDS, TeamMemory, type TeamShape } from '../../../lib/scheduler/index.js'
import type { CallSite } from '../../../lib/workers/calls.js'
import type { Carrier } from '../../../lib/workers/codec/index.js'
import type { Child, Family } from '../../../lib/workers/family.js'
import { MainLoop, type TaskRunner, type Tender } from '../../../lib/workers/main-loop.js'
import { Parking } from '../../../lib/workers/parking.js'
import type { Tally } from '../../../lib/workers/tally.js'
import { expect, note, noted } from '../operations.js'
import type { Play, Scenario, Script } from '../scenario.js'

export const BYTES = 1 << 16
const LEDGER = BYTES / 4 - 128
/** By call: how often it ran, how often it was settled, withdrawn before it ran, lost. */
export const RUNS = LEDGER
export const SETTLED = LEDGER + 16
export const WITHDRAWN = LEDGER + 32
export const LOST_CALLS = LEDGER + 48
/** By worker: the slot for which the host has condemned it, + 1. */
export const CONDEMNED_WORKERS = LEDGER + 64
/** How many tasks have begun, where they meet. */
export const MEETING = LEDGER + 80
/** Set when a successor may begin; when a worker is to leave. */
export const GATE = LEDGER + 81
/** By worker: the slot whose moved values lie in its port, + 1. */
export const GIVEN = LEDGER + 96

/** Fields of the loops that decide nothing: statistics, and what never changes. */
const STATISTICS = ['$parks', '$completed', '$helpCompleted', '$touched', 'definition', 'rules']

/** The same of the words in shared memory. */
function statisticsOf(memory: TeamMemory): number[] {
  const words: number[] = []
  for (let worker = 0; worker <= memory.workers; worker++)
    for (let i = 0; i < 3; i++) words.push(memory.counters(worker) + i)
  return words
}

/** A configuration on the memory of a pool. */
export abstract class TeamScenario implements Scenario {
  readonly name: string
  readonly tier: 'quick' | 'deep'
  readonly bytes = BYTES
  readonly preemptions: number
  readonly deaths: number
  readonly shape: TeamShape
  readonly ignoredFields = STATISTICS

  constructor(name: string, tier: 'quick' | 'deep', preemptions: number, deaths: number, shape: TeamShape) {
    this.name = name
    this.tier = tier
    this.preemptions = preemptions
    this.deaths = deaths
    this.shape = shape
  }

  abstract begin(buffer: SharedArrayBuffer): Play

  ignoredWords(buffer: SharedArrayBuffer): readonly number[] {
    return statisticsOf(new TeamMemory(this.shape, buffer))
  }
}

/** What a task does: nothing, or wait until as many as `meet` run, so that one that is not woken for shows. */
export interface TaskRules {
  readonly meet?: number
  readonly mortal?: boolean
  /** Its arguments have moved values, for which who has claimed it asks the host. */
  readonly moves?: boolean
  /** Only those of this call and the later ones. */
  readonly firstMoved?: number
  /** The host may condemn one: it must not run elsewhere, and may be lost before it has begun. */
  readonly condemns?: boolean
}

/** A call's argument is its number; there are no results. The arena has room for so many calls. */
export class NumberCarrier {
  readonly memory: TeamMemory
  /** By slot: its moved values were sent to who has claimed it. */
  readonly handedOver: boolean[] = []
  readonly hasMoves: boolean
  room: number

  constructor(memory: TeamMemory, room = Number.POSITIVE_INFINITY, hasMoves = false) {
    this.memory = memory
    this.room = room
    this.hasMoves = hasMoves
  }

  writeArguments(id: number, args: readonly number[], flags: number): boolean {
    if (this.room === 0) return false
    this.room--
    this.handedOver[id] = false
    const slot = this.memory.slot(id)
    poke(this.memory.words, slot + ARGS_OFFSET, args[0] as number)
    poke(this.memory.words, slot + KINDS, flags)
    return true
  }
  releaseArguments(): void {
    this.room++
  }
  releaseResult(): void {}
  releaseUnread(): void {}
  isBereft(id: number): boolean {
    return this.hasMoves && this.handedOver[id] === true
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
  /** How often it was told to keep the thread alive, and not yet let go. */
  held = 0

  next(callback: () => void): void {
    this.callbacks.push(callback)
  }
  later(): void {}
  hold(): void {
    this.held++
  }
  letGo(): void {
    this.held--
  }
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
    note(this.words, LOST_CALLS + this.id, 1)
    this.settle()
  }
  /** Taken back before it began. */
  withdraw(): void {
    note(this.words, WITHDRAWN + this.id, 1)
    this.settle()
  }
  settle(): void {
    this.isSettled = true
    expect(note(this.words, SETTLED + this.id, 1) === 1, `call ${this.id} was settled twice`)
  }
}

export class Runner implements TaskRunner {
  readonly memory: TeamMemory
  readonly worker: number
  readonly rules: TaskRules
  readonly parking: Parking
  readonly asker: Asker
  loop: MainLoop | undefined

  constructor(memory: TeamMemory, worker: number, rules: TaskRules, parking: Parking) {
    this.asker = new Asker(memory, worker)
    this.memory = memory
    this.worker = worker
    this.rules = rules
    this.parking = parking
  }

  execute(id: number, slot: number, kinds: number): void {
    const call = peek(this.memory.words, slot + ARGS_OFFSET)
    if (this.rules.moves === true && call >= (this.rules.firstMoved ?? 0)) this.ask(id, slot, kinds)
    else this.enter(id, slot, kinds)
  }

  /** As `Executor.#executeMoving` and `AwaitedMoves`, which looks once before it waits. */
  ask(id: number, slot: number, kinds: number): void {
    this.asker.ask(id)
    if (this.asker.isAnswered()) {
      this.given(id, slot, kinds)
      return
    }
    ;(this.loop as MainLoop).inFlight++
    // The message wakes its event loop, before the host has cleared the question or after.
    const waiter = waitAsync(this.memory.words, GIVEN + this.worker, 0, Number.POSITIVE_INFINITY)
    if (waiter.async) void waiter.value.then(() => this.givenLater(id, slot, kinds))
    else this.givenLater(id, slot, kinds)
  }

  givenLater(id: number, slot: number, kinds: number): void {
    ;(this.loop as MainLoop).inFlight--
    this.given(id, slot, kinds)
    this.parking.news()
  }

  given(id: number, slot: number, kinds: number): void {
    const { words } = this.memory
    expect(load(words, GIVEN + this.worker) === id + 1, 'the answer is here, and not what was asked for')
    store(words, GIVEN + this.worker, 0)
    this.enter(id, slot, kinds)
  }

  enter(id: number, slot: number, kinds: number): void {
    const { words } = this.memory
    const condemned = noted(words, CONDEMNED_WORKERS + this.worker)
    expect(condemned === 0 || condemned === id + 1, 'a condemned worker begins another task')
    if (this.rules.condemns === true)
      for (let other = 1; other <= this.memory.workers; other++)
        expect(
          other === this.worker || noted(words, CONDEMNED_WORKERS + other) !== id + 1,
          'a condemned task runs elsewhere',
        )
    const call = peek(words, slot + ARGS_OFFSET)
    const started = (this.loop as MainLoop).enter(slot, kinds)
    expect(note(words, RUNS + call, 1) === 1, `call ${call} ran twice`)
    if (this.rules.meet !== undefined) this.meet(this.rules.meet)
    this.work(call)
    ;(this.loop as MainLoop).complete(id, slot, started)
  }

  /** What the task does besides. */
  work(_call: number): void {}

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
  readonly worker: number
  readonly isDaemon = true
  readonly isMortal: boolean
  readonly runner: Runner
  readonly finder: Finder
  readonly idle: Idle
  readonly parking: Parking
  readonly loop: MainLoop

  constructor(memory: TeamMemory, worker: number, rules: TaskRules) {
    this.name = `worker ${worker}`
    this.worker = worker
    this.isMortal = rules.mortal === true
    const { words } = memory
    const tail = memory.ringTail(worker)
    const head = memory.ringHead(worker)
    const ring = new RingProducer(words, tail, head, memory.ringItems(worker), memory.ringCapacity)
    this.finder = new Finder(memory, worker, worker)
    this.idle = new Idle(memory, worker, 1)
    this.parking = new Parking(words, memory.park(worker), () => Promise.resolve())
    this.runner = this.runnerOf(memory, worker, rules)
    this.loop = new MainLoop(memory, this.finder, this.idle, ring, carrierOf(memory), this.parking, {
      worker,
      spinMs: 0,
      concurrentTasks: 1,
      clockOffsetMs: 0,
    })
    this.runner.loop = this.loop
  }

  runnerOf(memory: TeamMemory, worker: number, rules: TaskRules): Runner {
    return new Runner(memory, worker, rules, this.parking)
  }

  run(): void {
    this.loop.run(this.runner, new NoChildren())
  }
}

/** Is told to leave, as by a resize, and ends when it has nothing left to do. */
export class LeavingWorker extends Worker {
  readonly exits = true
  readonly words: Int32Array

  constructor(memory: TeamMemory, worker: number, rules: TaskRules) {
    super(memory, worker, rules)
    this.words = memory.words
  }

  override run(): void {
    const waiter = waitAsync(this.words, GATE, 0, Number.POSITIVE_INFINITY)
    if (waiter.async) void waiter.value.then(() => this.loop.retire())
    else this.loop.retire()
    this.loop.run(this.runner, new NoChildren())
  }
}
