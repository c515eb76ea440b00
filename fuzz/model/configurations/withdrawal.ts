/** What the host takes back: calls that are cancelled, workers that are condemned or told to leave, a pool that closes. */
import { compareExchange, load, notify, peek, store, waitAsync } from '#atomics'
import { CONDEMNED, EMPTY, executorOf, RUNNING, stateOf, withState } from '../../../lib/ring-buffer/index.js'
import { ARGS_OFFSET, askedBy, recover, STATE, type TeamMemory } from '../../../lib/scheduler/index.js'
import type { Giver } from '../../../lib/workers/dispatcher.js'
import { expect, note, noted, terminate, turn } from '../operations.js'
import type { Scenario } from '../scenario.js'
import { Host, type PoolRules, PoolScenario } from './pool-host.js'
import {
  CONDEMNED_WORKERS,
  GATE,
  GIVEN,
  LeavingWorker,
  LOST_CALLS,
  MEETING,
  type ModelCall,
  type Worker,
} from './pool-parts.js'

/** Cancels its first calls at any moment; the last one is made afterwards, into a slot to which an old hint may lead. */
class CancellingHost extends Host {
  override begin(): void {
    const last = this.calls.length - 1
    for (let i = 0; i < last; i++) this.submit(this.calls[i] as ModelCall)
    for (let i = 0; i < last; i++) {
      const call = this.calls[i] as ModelCall
      if (!call.isSettled && this.dispatcher.cancel(call)) call.withdraw()
    }
    this.submit(this.calls[last] as ModelCall)
  }
}

/** Wants to stop its first call, with the worker that runs it. */
class CondemningHost extends Host {
  override readonly isDaemon = true

  override begin(): void {
    super.begin()
    const { words } = this.memory
    // Until a task runs there is nothing to stop.
    void waitAsync(words, MEETING, 0, Number.POSITIVE_INFINITY)
    while (load(words, MEETING) === 0 && !this.isDone()) {
      const dead = turn()
      if (dead >= 0) this.bury(dead)
    }
    const { slot } = this.calls[0] as ModelCall
    const offset = this.memory.slot(slot) + STATE
    const word = load(words, offset)
    if (stateOf(word) !== RUNNING) return
    if (compareExchange(words, offset, word, withState(word, CONDEMNED)) !== word) return
    const worker = executorOf(word)
    note(words, CONDEMNED_WORKERS + worker, slot + 1)
    terminate(worker)
  }

  override bury(dead: number): void {
    const before = noted(this.memory.words, LOST_CALLS + 1)
    super.bury(dead)
    if (noted(this.memory.words, CONDEMNED_WORKERS + dead) !== 0)
      // Only what it was condemned for.
      expect(noted(this.memory.words, LOST_CALLS + 1) === before, 'a call was lost with a worker that did not run it')
  }
}

/** Tells its first worker to leave. */
class ResizingHost extends Host {
  override readonly isDaemon = true

  override begin(): void {
    super.begin()
    store(this.memory.words, GATE, 1)
    notify(this.memory.words, GATE, 1)
  }
}

/** As `Pool.close({ cancelPending: true })`. */
class ClosingHost extends Host {
  override begin(): void {
    super.begin()
    const calls = this.dispatcher.withdrawAll() as ModelCall[]
    for (let i = 0; i < calls.length; i++) (calls[i] as ModelCall).withdraw()
    this.loop.nudge()
  }
}

/** As `Host.end`. */
class EndingHost extends Host {
  override begin(): void {
    super.begin()
    for (let worker = 1; worker <= this.rules.workers; worker++) terminate(worker)
    for (let left = this.rules.workers; left > 0; ) {
      const dead = turn()
      if (dead < 0) continue
      left--
      const running = this.dispatcher.takeLost(recover(this.memory, dead).lost) as ModelCall[]
      for (let i = 0; i < running.length; i++) (running[i] as ModelCall).settle()
    }
    this.dispatcher.rescan()
    const queued = this.dispatcher.withdrawAll() as ModelCall[]
    for (let i = 0; i < queued.length; i++) (queued[i] as ModelCall).withdraw()
    this.loop.end()
  }
}

/** Gives moved values to who asks for them, from its event loop or while it is blocked. */
class GivingHost extends Host implements Giver {
  readonly mayBeAsked = true
  /** By call: its values were sent, with the attempt that has them. */
  readonly sent: number[] = []

  override begin(): void {
    this.dispatcher.giver = this
    super.begin()
  }

  override bury(dead: number): void {
    super.bury(dead)
    const { words } = this.memory
    expect(askedBy(this.memory, dead) === EMPTY, 'the question of a dead worker is left behind')
    for (let call = 0; call < this.rules.calls; call++) {
      const isLost = noted(words, LOST_CALLS + call) === 1
      expect(!isLost || this.sent[call] === dead, 'a call that had not begun was lost')
    }
  }

  /** As `Host.give`, but for the look whether the worker has died: what is posted to one is lost. */
  give(worker: number, id: number): boolean {
    const { words } = this.memory
    if (!this.dispatcher.slots.isRunBy(worker, id)) return false
    expect(this.carrier.handedOver[id] !== true, 'a slot is asked for twice')
    this.carrier.handedOver[id] = true
    this.sent[peek(words, this.memory.slot(id) + ARGS_OFFSET)] = worker
    store(words, GIVEN + worker, id + 1)
    notify(words, GIVEN + worker, 1)
    return true
  }
}

type HostClass = new (memory: TeamMemory, rules: PoolRules) => Host

class WithdrawalScenario extends PoolScenario {
  readonly Host: HostClass

  constructor(name: string, tier: 'quick' | 'deep', preemptions: number, host: HostClass, rules: PoolRules) {
    super(name, tier, preemptions, rules)
    this.Host = host
  }

  override hostOf(memory: TeamMemory): Host {
    return new this.Host(memory, this.rules)
  }

  override workerOf(memory: TeamMemory, worker: number): Worker {
    if (this.Host === ResizingHost && worker === 1) return new LeavingWorker(memory, worker, this.rules)
    return super.workerOf(memory, worker)
  }
}

const ONE = { workers: 1, hostSlots: 2 }
const TWO = { workers: 2, hostSlots: 2 }

export const scenarios: readonly Scenario[] = [
  new WithdrawalScenario('cancel: against the claim', 'quick', 2, CancellingHost, { ...ONE, calls: 2, generation: 3 }),
  new WithdrawalScenario('cancel: against two claims', 'quick', 1, CancellingHost, { ...TWO, calls: 3 }),
  new WithdrawalScenario('cancel: against a death', 'quick', 0, CancellingHost, { ...TWO, calls: 2, mortal: true }),
  new WithdrawalScenario('cancel: against a death, more switches', 'deep', 1, CancellingHost, {
    ...TWO,
    calls: 2,
    mortal: true,
  }),
  new WithdrawalScenario('condemn: against the completion', 'quick', 1, CondemningHost, {
    ...TWO,
    calls: 2,
    meet: 1,
    condemns: true,
  }),
  new WithdrawalScenario('condemn: against a death', 'quick', 0, CondemningHost, {
    ...TWO,
    calls: 1,
    meet: 1,
    mortal: true,
    condemns: true,
  }),
  new WithdrawalScenario('condemn: against a death, more switches', 'deep', 1, CondemningHost, {
    ...TWO,
    calls: 1,
    meet: 1,
    mortal: true,
    condemns: true,
  }),
  new WithdrawalScenario('close: a worker leaves', 'quick', 1, ResizingHost, { ...TWO, calls: 2 }),
  new WithdrawalScenario('close: what waits is cancelled', 'quick', 2, ClosingHost, { ...ONE, calls: 3 }),
  new WithdrawalScenario('close: by force', 'quick', 0, EndingHost, { ...TWO, calls: 1 }),
  new WithdrawalScenario('close: by force, more switches', 'deep', 1, EndingHost, { ...TWO, calls: 2 }),
  new WithdrawalScenario('moved: asked of a blocked host', 'quick', 2, GivingHost, {
    ...ONE,
    calls: 1,
    moves: true,
    blocks: true,
  }),
  new WithdrawalScenario('moved: asked of a host that parks', 'quick', 2, GivingHost, {
    ...ONE,
    calls: 1,
    moves: true,
  }),
  new WithdrawalScenario('moved: asked while a ring is full', 'quick', 1, GivingHost, {
    workers: 2,
    hostSlots: 4,
    calls: 4,
    moves: true,
    firstMoved: 3,
  }),
  new WithdrawalScenario('moved: asked twice', 'quick', 2, GivingHost, { ...ONE, calls: 2, moves: true }),
  new WithdrawalScenario('moved: two ask', 'quick', 1, GivingHost, { ...TWO, calls: 2, moves: true }),
  new WithdrawalScenario('moved: two ask a blocked host', 'quick', 1, GivingHost, {
    ...TWO,
    calls: 2,
    moves: true,
    blocks: true,
  }),
  new WithdrawalScenario('moved: a worker dies', 'quick', 0, GivingHost, {
    ...TWO,
    calls: 1,
    moves: true,
    mortal: true,
  }),
  new WithdrawalScenario('moved: a worker dies, more switches', 'deep', 1, GivingHost, {
    ...TWO,
    calls: 1,
    moves: true,
    mortal: true,
  }),
]
