/**
 * One round of chaos: a pool, a random program of submissions, kills, resizes and waits, its end, and the account of every
 * call and child. A violation is thrown; it names the task.
 */
import { load, store } from '#atomics'
import { Pool, type PoolOptions, type TaskHandle } from '../../lib/index.js'
import type { Random } from '../random.js'
import { blocksInUse } from './blocks-in-use.js'
import { Crew } from './crew.js'
import { loads } from './doomed.js'
import {
  carries,
  DEATHS,
  type Death,
  DOOMED_LOAD,
  DOOMED_SETUP,
  diesBy,
  fails,
  family,
  familyByGet,
  newLedger,
  settingUp,
  spins,
  usesBlocks,
  waits,
} from './tasks.js'

const MOST_TASKS = 60_000
const FLOOD = 20_000
const MOST_CHILDREN = 12
const MIB = 1 << 20

/** What a run adds up. */
export interface Figures {
  rounds: number
  tasks: number
  children: number
  kills: number
  terminated: number
  deaths: number
  respawns: number
  completed: number
  failed: number
  cancelled: number
  lost: number
  /** Lost before their first statement, though not by three workers that died before they entered the function. */
  lostAtEntry: number
  shutDown: number
  floods: number
  resizes: number
  longestPauseMs: number
}

export function newFigures(): Figures {
  return {
    rounds: 0,
    tasks: 0,
    children: 0,
    kills: 0,
    terminated: 0,
    deaths: 0,
    respawns: 0,
    completed: 0,
    failed: 0,
    cancelled: 0,
    lost: 0,
    lostAtEntry: 0,
    shutDown: 0,
    floods: 0,
    resizes: 0,
    longestPauseMs: 0,
  }
}

/** Tells a watchdog that something has happened. */
export interface Pulse {
  beat(what: string): void
}

interface Entry {
  readonly kind: string
  readonly handle: TaskHandle<unknown>
  readonly idempotent: boolean
  /** Numbers of its children follow its own. */
  readonly children: number
  settled: number
  right: (value: unknown) => boolean
}

const CLOSES = [{}, {}, { cancelPending: true }, { timeout: 0 }, { timeout: 5, cancelPending: true }] as const

export class Round {
  readonly #random: Random
  readonly #figures: Figures
  readonly #pulse: Pulse
  readonly #ledger = newLedger(MOST_TASKS)
  readonly #entries = new Map<number, Entry>()
  readonly #crew: Crew
  readonly #hasLimits: boolean
  readonly #isAlone: boolean
  readonly #pool: Pool
  #next = 0
  #unsettled = 0
  #lastMs = 0
  #isForced = false
  #isDoomed = false

  /** `isAlone`: no other pool is at work in this thread. */
  constructor(random: Random, figures: Figures, pulse: Pulse, isAlone: boolean) {
    this.#random = random
    this.#isAlone = isAlone
    this.#figures = figures
    this.#pulse = pulse
    this.#hasLimits = random.oneIn(6)
    const resourceLimits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 }
    this.#crew = new Crew({ stderr: true, ...(this.#hasLimits ? { resourceLimits } : {}) })
    const most = 1 + random.below(4)
    const options: PoolOptions = {
      minThreads: random.below(most + 1),
      maxThreads: most,
      concurrentTasksPerWorker: random.pick([1, 1, 1, 4]),
      idleTimeout: random.pick([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 20]),
      workerData: this.#ledger,
      createWorker: this.#crew.create,
      ...(random.oneIn(2) ? { setup: settingUp } : {}),
      ...(random.oneIn(4) ? { spin: false } : {}),
    }
    this.#pool = new Pool(options)
    this.#pool.on('error', () => {}) // setups that fail
    this.#pool.on('workerExit', () => void figures.deaths++)
  }

  /** What a watchdog prints. */
  get state(): object {
    const waiting = [...this.#entries].filter(([, { settled }]) => settled === 0)
    return {
      unsettled: this.#unsettled,
      first: waiting.slice(0, 5).map(([task, { kind, handle }]) => [task, kind, handle.state, handle.workerId]),
      starts: waiting.slice(0, 5).map(([task]) => load(this.#ledger.starts, task)),
      unrest: this.#crew.unrest(),
      stats: this.#pool.stats(),
    }
  }

  async play(steps: number): Promise<void> {
    for (let step = 0; step < steps && this.#next < MOST_TASKS - FLOOD; step++) await this.#step()
    const settling = Promise.allSettled([...this.#entries.values()].map(({ handle }) => handle))
    const close = this.#random.pick(CLOSES)
    const isSettled = this.#random.oneIn(2)
    if (isSettled) {
      this.#pulse.beat('settling')
      await settling
      await this.#rest()
    }
    this.#pulse.beat(`closing ${JSON.stringify(close)}`)
    this.#isForced = 'timeout' in close
    const { respawns } = this.#pool.stats()
    const report = await this.#pool.close(close)
    await settling
    await turn()
    this.#figures.respawns += respawns
    if (isSettled && !report.clean) throw new Error(`closed uncleanly: ${JSON.stringify(report)}`)
    this.#account()
    if (this.#crew.alive.length > 0) {
      await turn()
      if (this.#crew.alive.length > 0) throw new Error(`${this.#crew.alive.length} threads are left`)
    }
    const { threads, queued, running } = this.#pool.stats()
    if (threads + queued + running > 0) throw new Error(`left: ${JSON.stringify(this.#pool.stats())}`)
    this.#figures.rounds++
  }

  async #step(): Promise<void> {
    const random = this.#random
    const choice = random.below(100)
    if (choice < 50) {
      this.#pulse.beat('submitting')
      for (let n = 1 + random.below(random.pick([3, 30, 300])); n > 0; n--) this.#submit()
    } else if (choice < 60) {
      this.#pulse.beat('killing')
      const worker = this.#crew.alive[random.below(Math.max(1, this.#crew.alive.length))]
      if (worker === undefined) return
      this.#figures.terminated++
      this.#isDoomed = true // three in a row that had not come up yet, and the pool gives up
      void worker.terminate()
    } else if (choice < 66) {
      this.#pulse.beat('cancelling')
      for (const { handle } of this.#entries.values()) if (random.oneIn(4)) handle.cancel()
    } else if (choice < 72) {
      this.#pulse.beat('resizing')
      const maxThreads = 1 + random.below(4)
      this.#figures.resizes++
      this.#pool.resize({ minThreads: random.below(maxThreads + 1), maxThreads })
    } else if (choice < 75) {
      this.#pool.setMaxConcurrentTasks(random.pick([1, 3, 50, Number.POSITIVE_INFINITY]))
    } else if (choice < 76) {
      this.#pulse.beat('flooding')
      this.#figures.floods++
      for (let n = FLOOD; n > 0 && this.#next < MOST_TASKS - MOST_CHILDREN; n--) this.#submitAs('spins', 0)
    } else if (choice < 81) {
      this.#pulse.beat('waiting')
      const list = [...this.#entries.values()]
      if (list.length > 0) random.pick(list).handle.wait(random.pick([0, 5, 50]))
    } else if (choice < 85) {
      this.#isDoomed = true
      store(this.#ledger.doomed, random.pick([DOOMED_SETUP, DOOMED_LOAD]), 1 + random.below(2))
    } else if (choice < 87) {
      this.#pool.broadcast(usesBlocks, [], { idempotent: true }).then(undefined, () => {}) // its end is no call's
    } else if (choice < 95) {
      for (let turns = random.below(20); turns > 0; turns--) await turn()
    } else {
      this.#pulse.beat('settling in between')
      await Promise.allSettled([...this.#entries.values()].map(({ handle }) => handle))
      if (random.oneIn(2)) await this.#rest()
    }
  }

  #submit(): void {
    const random = this.#random
    const us = random.pick([0, 1, 10, 100, 1_000])
    const choice = random.below(1_000)
    if (choice < 500) this.#submitAs('spins', us)
    else if (choice < 700) this.#submitAs('waits', random.below(4))
    else if (choice < 780) this.#submitAs('fails', 0)
    else if (choice < 850)
      this.#submitAs('carries', random.pick([100, 5_000, 200_000, random.oneIn(20) ? 2 * MIB : 64]))
    else if (choice < 910) this.#submitAs('family', us)
    else if (choice < 960) this.#submitAs('familyByGet', us)
    else if (choice < 980) this.#submitAs('loads', 0)
    else if (choice < 985) this.#submitAs('dies', 0)
    else this.#submitAs('spins', 0)
  }

  #submitAs(kind: string, size: number): void {
    if (this.#next >= MOST_TASKS - MOST_CHILDREN - 1) return
    const random = this.#random
    const task = this.#next++
    const idempotent = kind !== 'dies' && random.oneIn(8)
    const options = { priority: random.pick([0, 0, 0, -3, 3] as const), idempotent }
    let children = 0
    let right = (value: unknown): boolean => value === task
    let handle: TaskHandle<unknown>
    switch (kind) {
      case 'spins':
        handle = this.#pool.run(spins, [task, size], options)
        break
      case 'waits':
        handle = this.#pool.run(waits, [task, size], options)
        break
      case 'fails':
        handle = this.#pool.run(fails, [task], options)
        break
      case 'loads':
        handle = this.#pool.run(loads, [task], options)
        break
      case 'carries': {
        const bytes = new Uint8Array(size).fill(task)
        right = (value) => value instanceof Uint8Array && value.length === size && value.every((b) => b === bytes[0])
        handle = this.#pool.run(carries, [task, bytes], options)
        break
      }
      case 'family': {
        children = 1 + random.below(MOST_CHILDREN - 1)
        const deadly = random.oneIn(20) ? 1 + random.below(children + 1) : 0
        const death = this.#death()
        if (deadly > 0) this.#figures.kills++
        right = (value) => typeof value === 'number' && value >= 0 && value <= children
        handle = this.#pool.run(family, [task, children, size, deadly, death], options)
        break
      }
      case 'familyByGet':
        children = 1 + random.below(MOST_CHILDREN - 1)
        right = (value) => typeof value === 'number' && value >= 0 && value <= children
        handle = this.#pool.run(familyByGet, [task, children, size, random.pick([0, 300, 70_000])], options)
        break
      default: {
        const death = this.#death()
        this.#figures.kills++
        right = (value) => death === 'after its result' && value === task
        handle = this.#pool.run(diesBy, [task, death], options)
      }
    }
    this.#next += children
    this.#figures.tasks++
    this.#figures.children += children
    const entry: Entry = { kind, handle, idempotent, children, settled: 0, right }
    this.#entries.set(task, entry)
    if (this.#unsettled++ === 0) this.#lastMs = performance.now()
    const settled = (): void => {
      entry.settled++
      this.#unsettled--
      const now = performance.now()
      this.#figures.longestPauseMs = Math.max(this.#figures.longestPauseMs, now - this.#lastMs)
      this.#lastMs = now
      this.#pulse.beat('settled')
    }
    handle.onComplete(settled).onError(settled)
  }

  #death(): Death {
    return this.#random.pick(this.#hasLimits ? DEATHS : DEATHS.slice(0, -1))
  }

  /** All is settled: the pool comes to rest, with no slot and no block in use. */
  async #rest(): Promise<void> {
    const end = performance.now() + 10_000
    for (;;) {
      const held = this.#isAlone ? blocksInUse() : 0 // it counts for all pools of this thread
      const { queued, running, threads } = this.#pool.stats()
      const unrest = queued + running > 0 ? 'calls' : held > 0 ? `${held} blocks of the host's` : this.#crew.unrest()
      if (unrest === undefined && this.#unsettled === 0) {
        if (threads > 0 && this.#random.oneIn(2)) await this.#checkWorkersBlocks()
        return
      }
      if (performance.now() > end) throw new Error(`no rest: ${unrest}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  async #checkWorkersBlocks(): Promise<void> {
    const held = await this.#pool.broadcast(usesBlocks, [], { idempotent: true })
    if (held.some((blocks) => blocks !== 0)) throw new Error(`blocks of the workers' in use at rest: ${held}`)
  }

  #account(): void {
    const figures = this.#figures
    for (const [task, entry] of this.#entries) {
      const starts = load(this.#ledger.starts, task)
      const problem = this.#problem(entry, starts, task)
      if (problem !== undefined)
        throw new Error(
          `task ${task} (${entry.kind}, ${entry.handle.state}): ${problem}; it has started ${starts} times`,
        )
      const childrenMayRepeat = entry.idempotent && starts > 1
      for (let child = task + 1; child <= task + entry.children; child++) {
        const times = load(this.#ledger.starts, child)
        if (times > (childrenMayRepeat ? starts : 1))
          throw new Error(`child ${child} of ${task} has run ${times} times`)
      }
    }
    figures.longestPauseMs = Math.round(figures.longestPauseMs)
  }

  #problem(entry: Entry, starts: number, task: number): string | undefined {
    const { handle, idempotent, kind, children } = entry
    const figures = this.#figures
    if (entry.settled !== 1) return `settled ${entry.settled} times`
    if (starts > (idempotent ? 3 : 1)) return 'it ran too often'
    let value: unknown
    try {
      value = handle.tryGet()
    } catch (error) {
      const { code, message } = error as { code?: string; message: string }
      if (code === 'ERR_PARALLEL_CANCELLED') {
        figures.cancelled++
        return starts === 0 || idempotent ? undefined : 'it was cancelled and ran'
      }
      if (code === 'ERR_PARALLEL_WORKER_LOST') {
        figures.lost++
        if (starts === 0 && handle.attempt < 3) figures.lostAtEntry++
        return undefined
      }
      if (code === 'ERR_PARALLEL_SHUTDOWN') {
        figures.shutDown++
        return this.#isForced ? undefined : 'shut down by a close that was to wait'
      }
      if (code === 'ERR_PARALLEL_WORKER_START') return this.#isDoomed && starts === 0 ? undefined : String(error)
      figures.failed++
      return kind === 'fails' && message === `own ${task}` && starts > 0 ? undefined : `failed with ${error}`
    }
    figures.completed++
    if (starts === 0) return 'it has a value and never ran'
    if (kind === 'fails') return 'it was to fail'
    if (!entry.right(value)) return `wrong value ${String(value).slice(0, 80)}`
    if (kind.startsWith('family') && !idempotent) {
      let ran = 0
      for (let i = 1; i <= children; i++) ran += load(this.#ledger.starts, task + i)
      if (ran < children - (value as number)) return `${value} of ${children} children were lost, and ${ran} ran`
    }
    return undefined
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
