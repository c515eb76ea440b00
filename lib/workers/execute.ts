/**
 * Runs one claimed task on this worker: loads its function, reads its arguments, waits for its children, writes what it
 * returned or threw, or what a child threw and nobody has observed.
 */
import { peek } from '#atomics'
import { TaskNotFoundError } from '../errors.js'
import { FUNCTION, type TeamMemory } from '../scheduler/index.js'
import type { AwaitedMoves } from './awaited-moves.js'
import { ticks } from './calls.js'
import {
  type Arguments,
  argumentsOf,
  type Carrier,
  COUNT_PAYLOAD,
  COUNT_SHIFT,
  cloned,
  isMoving,
} from './codec/index.js'
import { type Child, Contexts, Family, isAsyncFunction } from './family.js'
import { explainInline, type Functions, type WorkerTask } from './functions.js'
import type { MainLoop } from './main-loop.js'
import type { Parking } from './parking.js'

type TaskFunction = (...args: unknown[]) => unknown

/** Both bits of the count: the arguments are a payload. */
const PAYLOAD = COUNT_PAYLOAD << COUNT_SHIFT
/** Longest wait for an announcement that was made while this worker booted. */
const ANNOUNCEMENT_MS = 30_000

export class Executor {
  /** Depth of tasks that run on this thread's stack right now. */
  depth = 0
  /** Async tasks that have started and not finished. */
  pending = 0
  /** Of the task on top of this thread's stack, once it has a child. */
  #family: Family | undefined
  readonly #contexts: Contexts
  /** Synchronous tasks that have returned and wait for their children, by slot, or by call where they have none. */
  readonly #returned = new Map<number | Child, Family>()
  readonly #memory: TeamMemory
  readonly #carrier: Carrier
  readonly #functions: Functions
  readonly #loop: MainLoop
  readonly #parking: Parking
  readonly #readAnnouncements: () => void
  readonly #moves: AwaitedMoves

  constructor(
    memory: TeamMemory,
    carrier: Carrier,
    functions: Functions,
    loop: MainLoop,
    parking: Parking,
    readAnnouncements: () => void,
    moves: AwaitedMoves,
    concurrentTasks: number,
  ) {
    this.#contexts = new Contexts(concurrentTasks > 1)
    this.#memory = memory
    this.#carrier = carrier
    this.#functions = functions
    this.#loop = loop
    this.#parking = parking
    this.#readAnnouncements = readAnnouncements
    this.#moves = moves
  }

  /** The task that makes a call right now, or undefined when it is none. */
  get family(): Family | undefined {
    this.#contexts.isOn = true
    if (this.depth === 0) return this.#contexts.current
    this.#family ??= new Family()
    return this.#family
  }

  /** The children that a task of this thread waits for, if it has returned. `key` is its slot, or its call. */
  familyOfReturned(key: number | Child): Family | undefined {
    return this.#returned.get(key)
  }

  /** `slot` is the word offset of slot `id`, `kinds` its KINDS word. Completes now, or later when the task is async. */
  execute(id: number, slot: number, kinds: number): void {
    const task = this.#functions.get(peek(this.#memory.words, slot + FUNCTION)) // owned: claimed by this worker
    if (task?.fn === undefined) this.#executeUnloaded(id, slot, kinds, task)
    else if ((kinds & PAYLOAD) === PAYLOAD && !this.#carrier.hasArguments(slot, kinds))
      void this.#executeOnceAnnounced(id, slot, kinds, task, task.fn)
    else if (isMoving(kinds)) this.#executeMoving(id, slot, kinds, task, task.fn)
    else this.#run(id, slot, kinds, task, task.fn)
  }

  /** A child that never left this thread: its values are cloned all the same, so that it cannot tell. */
  runLocal(call: Child): void {
    const { definition } = call.site
    const started = this.#loop.now()
    call.waitTicks = ticks(started - call.submittedMs)
    const settle = (failed: boolean, value: unknown): void => {
      call.runTicks = ticks(this.#loop.now() - started)
      if (failed) {
        call.fail(value)
        return
      }
      try {
        value = cloned(value, definition.name)
      } catch (error) {
        call.fail(error)
        return
      }
      call.succeed(value)
    }
    const fn = definition.fn as TaskFunction
    this.#call(call, isAsyncFunction(fn), () => fn(...argumentsOf(call.args)), settle)
  }

  /** Runs a function beside the queues: setup, teardown, a broadcast. */
  async runErrand(number: number, args: Arguments): Promise<unknown> {
    this.#loop.errands++
    this.pending++
    try {
      if (this.#functions.get(number) === undefined) this.#readAnnouncements()
      const task = this.#functions.get(number)
      if (task === undefined) throw new TaskNotFoundError(`function ${number} was never announced`)
      if (task.fn === undefined) await this.#functions.load(task)
      return await this.#errand(task, task.fn as TaskFunction, args)
    } finally {
      this.#loop.errands--
      this.pending--
      this.#parking.news()
    }
  }

  async #errand(task: WorkerTask, fn: TaskFunction, args: Arguments): Promise<unknown> {
    const family = new Family()
    const settled = async (): Promise<void> => {
      await new Promise<void>((resolve) => family.whenSettled(resolve))
      family.isClosed = true
    }
    let value: unknown
    try {
      value = await this.#contexts.run(family, async () => fn(...argumentsOf(args)))
    } catch (error) {
      await settled()
      throw explainInline(error, task)
    }
    await settled()
    if (family.uncaught !== undefined) throw family.uncaught.failure
    return value
  }

  #executeUnloaded(id: number, slot: number, kinds: number, known: WorkerTask | undefined): void {
    const number = peek(this.#memory.words, slot + FUNCTION) // owned: claimed by this worker
    if (known === undefined) this.#readAnnouncements()
    const task = known ?? this.#functions.get(number)
    if (task === undefined) {
      void this.#executeOnceKnown(id, slot, kinds, number)
      return
    }
    this.#loop.inFlight++
    this.#loop.loads++
    const loaded = this.#contexts.outside(() => this.#functions.load(task))
    loaded.then(
      () => {
        this.#loop.inFlight--
        this.#loop.loads--
        this.execute(id, slot, kinds) // it may have come before what was announced for it
        this.#parking.news()
      },
      (error: unknown) => {
        this.#loop.inFlight--
        this.#loop.loads--
        this.#complete(id, slot, task, this.#loop.now(), true, error)
        this.#parking.news()
      },
    )
  }

  /** Another worker has announced the function; to one that was booting then, the host passes it on. */
  async #executeOnceKnown(id: number, slot: number, kinds: number, number: number): Promise<void> {
    this.#loop.inFlight++
    this.#loop.loads++
    const deadline = this.#loop.now() + ANNOUNCEMENT_MS
    while (this.#functions.get(number) === undefined && this.#loop.now() < deadline) await this.#parking.turn()
    this.#loop.inFlight--
    this.#loop.loads--
    if (this.#functions.get(number) !== undefined) this.execute(id, slot, kinds)
    else {
      this.#carrier.writeFailure(id, new TaskNotFoundError(`function ${number} was never announced`), `#${number}`)
      this.#loop.complete(id, slot, this.#loop.now())
    }
    this.#parking.news()
  }

  /** The host passes on what a booting worker has missed: it comes within a turn of its event loop. */
  async #executeOnceAnnounced(
    id: number,
    slot: number,
    kinds: number,
    task: WorkerTask,
    fn: TaskFunction,
  ): Promise<void> {
    this.#loop.inFlight++
    const deadline = this.#loop.now() + ANNOUNCEMENT_MS
    while (!this.#carrier.hasArguments(slot, kinds) && this.#loop.now() < deadline) await this.#parking.turn()
    this.#loop.inFlight--
    // If it never came, reading the arguments says so.
    if (isMoving(kinds)) this.#executeMoving(id, slot, kinds, task, fn)
    else this.#run(id, slot, kinds, task, fn)
    this.#parking.news()
  }

  /** It holds its place in this worker meanwhile: asking for more than one could run would keep them from others. */
  #executeMoving(id: number, slot: number, kinds: number, task: WorkerTask, fn: TaskFunction): void {
    const arrival = this.#moves.request(id)
    if (arrival === undefined) {
      this.#run(id, slot, kinds, task, fn)
      return
    }
    this.#loop.inFlight++
    void arrival.then(() => {
      this.#loop.inFlight--
      this.#run(id, slot, kinds, task, fn)
      this.#parking.news()
    })
  }

  #run(id: number, slot: number, kinds: number, task: WorkerTask, fn: TaskFunction): void {
    const started = this.#loop.enter(slot, kinds)
    if (task.kind === 'unknown' && isAsyncFunction(fn)) task.kind = 'async'
    if (task.kind === 'async' && this.#contexts.isOn) {
      const settle = (failed: boolean, value: unknown): void => this.#complete(id, slot, task, started, failed, value)
      this.#call(id, true, () => fn(...this.#carrier.readArguments(id)), settle)
      return
    }
    // As #call, without its closures: this is the path of short tasks.
    const outer = this.#family
    this.#family = undefined
    let value: unknown
    let failed = false
    this.depth++
    try {
      const count = (kinds >> COUNT_SHIFT) & COUNT_PAYLOAD
      if (count === 1) value = fn(this.#carrier.argument(slot, kinds, 0))
      else if (count === 2) value = fn(this.#carrier.argument(slot, kinds, 0), this.#carrier.argument(slot, kinds, 1))
      else if (count === 0) value = fn()
      else value = fn(...this.#carrier.readArguments(id))
    } catch (error) {
      failed = true
      value = error
    }
    const family = this.#leave(outer)
    const isAsync = !failed && isThenable(value)
    if (!failed) task.kind = isAsync ? 'async' : 'sync'
    if (!isAsync && (family === undefined || family.isQuiet)) {
      this.#complete(id, slot, task, started, failed, value)
      return
    }
    const settle = (settledFailed: boolean, result: unknown): void =>
      this.#complete(id, slot, task, started, settledFailed, result)
    if (isAsync) this.#awaitResult(value as PromiseLike<unknown>, family ?? new Family(), true, settle)
    else this.#settleAfter(family as Family, id, failed, value, settle)
  }

  /** Calls a task's function, and `settle` once it and its children have settled. `key` is its slot, or its call. */
  #call(key: number | Child, isAsync: boolean, body: () => unknown, settle: Settle): void {
    const outer = this.#family
    const context = isAsync ? new Family() : undefined
    this.#family = context
    let value: unknown
    let failed = false
    this.depth++
    try {
      value = context === undefined ? body() : this.#contexts.run(context, body)
    } catch (error) {
      failed = true
      value = error
    }
    const family = this.#leave(outer)
    if (!failed && isThenable(value)) this.#awaitResult(value, family ?? new Family(), !isAsync, settle)
    else if (family === undefined) settle(failed, value)
    else this.#settleAfter(family, key, failed, value, settle)
  }

  /** The family of the task that has just returned; `outer` is that of the one below it. */
  #leave(outer: Family | undefined): Family | undefined {
    this.depth--
    const family = this.#family
    this.#family = outer
    return family
  }

  #awaitResult(promise: PromiseLike<unknown>, family: Family, isStray: boolean, settle: Settle): void {
    this.pending++
    this.#loop.inFlight++
    if (isStray) this.#contexts.addStray(family)
    const finish = (failed: boolean, value: unknown): void => {
      if (family.unsettled > 0 || family.hasCallbacks) {
        // One more turn: a callback of the last child may be about to spawn another.
        family.hasCallbacks = false
        family.whenSettled(() => void this.#parking.turn().then(() => finish(failed, value)))
        return
      }
      this.pending--
      this.#loop.inFlight--
      if (isStray) this.#contexts.removeStray(family)
      this.#settleWith(family, failed, value, settle)
      this.#parking.news()
    }
    Promise.resolve(promise).then(
      (value) => finish(false, value),
      (error: unknown) => finish(true, error),
    )
  }

  /** For what has returned, not promised. */
  #settleAfter(family: Family, key: number | Child, failed: boolean, value: unknown, settle: Settle): void {
    if (family.unsettled === 0) {
      this.#settleWith(family, failed, value, settle)
      return
    }
    this.#loop.inFlight++
    this.#returned.set(key, family)
    family.whenSettled(() => {
      this.#loop.inFlight--
      this.#returned.delete(key)
      this.#settleWith(family, failed, value, settle)
      this.#parking.news()
    })
  }

  #settleWith(family: Family, failed: boolean, value: unknown, settle: Settle): void {
    family.isClosed = true
    const child = failed ? undefined : family.uncaught
    if (child === undefined) settle(failed, value)
    else settle(true, child.failure)
  }

  #complete(id: number, slot: number, task: WorkerTask, started: number, failed: boolean, value: unknown): void {
    if (failed) this.#carrier.writeFailure(id, explainInline(value, task), task.name)
    else {
      try {
        this.#carrier.writeResult(id, value, task.name)
      } catch (error) {
        this.#carrier.writeFailure(id, error, task.name)
      }
    }
    this.#loop.complete(id, slot, started)
  }
}

type Settle = (failed: boolean, value: unknown) => void

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function'
}
