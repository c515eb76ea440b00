/** Runs one claimed task on this worker: loads its function, reads its arguments, writes what it returned or threw. */
import { peek } from '#atomics'
import { TaskNotFoundError } from '../errors.js'
import { FUNCTION, type TeamMemory } from '../scheduler/index.js'
import { type Call, ticks } from './calls.js'
import { type Arguments, argumentsOf, type Carrier, COUNT_PAYLOAD, COUNT_SHIFT, cloned } from './codec/index.js'
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
  readonly #memory: TeamMemory
  readonly #carrier: Carrier
  readonly #functions: Functions
  readonly #loop: MainLoop
  readonly #parking: Parking
  readonly #readAnnouncements: () => void

  constructor(
    memory: TeamMemory,
    carrier: Carrier,
    functions: Functions,
    loop: MainLoop,
    parking: Parking,
    readAnnouncements: () => void,
  ) {
    this.#memory = memory
    this.#carrier = carrier
    this.#functions = functions
    this.#loop = loop
    this.#parking = parking
    this.#readAnnouncements = readAnnouncements
  }

  /** `slot` is the word offset of slot `id`, `kinds` its KINDS word. Completes now, or later when the task is async. */
  execute(id: number, slot: number, kinds: number): void {
    const task = this.#functions.get(peek(this.#memory.words, slot + FUNCTION)) // owned: claimed by this worker
    if (task?.fn === undefined) this.#executeUnloaded(id, slot, kinds, task)
    else if ((kinds & PAYLOAD) === PAYLOAD && !this.#carrier.hasArguments(slot, kinds))
      void this.#executeOnceAnnounced(id, slot, kinds, task, task.fn)
    else this.#run(id, slot, kinds, task, task.fn)
  }

  /** A child that never left this thread: its values are cloned all the same, so that it cannot tell. */
  runLocal(call: Call): void {
    const started = this.#loop.now()
    call.waitTicks = ticks(started - call.submittedMs)
    const settle = (failed: boolean, value: unknown): void => {
      call.runTicks = ticks(this.#loop.now() - started)
      if (failed) call.fail(value)
      else call.succeed(value)
    }
    try {
      const value = (call.site.definition.fn as (...args: unknown[]) => unknown)(...argumentsOf(call.args))
      if (!isThenable(value)) {
        settle(false, cloned(value, call.site.definition.name))
        return
      }
      this.pending++
      this.#loop.inFlight++
      Promise.resolve(value)
        .then((result) => settle(false, cloned(result, call.site.definition.name)))
        .catch((error: unknown) => settle(true, error))
        .finally(() => {
          this.pending--
          this.#loop.inFlight--
          this.#parking.news()
        })
    } catch (error) {
      settle(true, error)
    }
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
      try {
        return await (task.fn as TaskFunction)(...argumentsOf(args))
      } catch (error) {
        throw explainInline(error, task)
      }
    } finally {
      this.#loop.errands--
      this.pending--
      this.#parking.news()
    }
  }

  #executeUnloaded(id: number, slot: number, kinds: number, known: WorkerTask | undefined): void {
    const number = peek(this.#memory.words, slot + FUNCTION) // owned: claimed by this worker
    if (known === undefined) this.#readAnnouncements()
    const task = known ?? this.#functions.get(number)
    if (task === undefined) {
      this.#carrier.writeFailure(id, new TaskNotFoundError(`function ${number} was never announced`), `#${number}`)
      this.#loop.complete(id, slot, this.#loop.now())
      return
    }
    this.#loop.inFlight++
    this.#functions.load(task).then(
      () => {
        this.#loop.inFlight--
        this.#run(id, slot, kinds, task, task.fn as TaskFunction)
        this.#parking.news()
      },
      (error: unknown) => {
        this.#loop.inFlight--
        this.#fail(id, slot, error, task, this.#loop.now())
        this.#parking.news()
      },
    )
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
    this.#run(id, slot, kinds, task, fn) // if it never came, reading the arguments says so
    this.#parking.news()
  }

  #run(id: number, slot: number, kinds: number, task: WorkerTask, fn: TaskFunction): void {
    const started = this.#loop.startOf(kinds)
    let value: unknown
    this.depth++
    try {
      const count = (kinds >> COUNT_SHIFT) & COUNT_PAYLOAD
      if (count === 1) value = fn(this.#carrier.argument(slot, kinds, 0))
      else if (count === 2) value = fn(this.#carrier.argument(slot, kinds, 0), this.#carrier.argument(slot, kinds, 1))
      else if (count === 0) value = fn()
      else value = fn(...this.#carrier.readArguments(id))
    } catch (error) {
      this.depth--
      this.#fail(id, slot, error, task, started)
      return
    }
    this.depth--
    task.kind = isThenable(value) ? 'async' : 'sync'
    if (isThenable(value)) this.#awaitResult(id, slot, value, task, started)
    else this.#succeed(id, slot, value, task, started)
  }

  #awaitResult(id: number, slot: number, promise: PromiseLike<unknown>, task: WorkerTask, started: number): void {
    this.pending++
    this.#loop.inFlight++
    const finish = (): void => {
      this.pending--
      this.#loop.inFlight--
      this.#parking.news()
    }
    Promise.resolve(promise).then(
      (value) => {
        this.#succeed(id, slot, value, task, started)
        finish()
      },
      (error: unknown) => {
        this.#fail(id, slot, error, task, started)
        finish()
      },
    )
  }

  #succeed(id: number, slot: number, value: unknown, task: WorkerTask, started: number): void {
    try {
      this.#carrier.writeResult(id, value, task.name)
    } catch (error) {
      this.#carrier.writeFailure(id, error, task.name)
    }
    this.#loop.complete(id, slot, started)
  }

  #fail(id: number, slot: number, error: unknown, task: WorkerTask, started: number): void {
    this.#carrier.writeFailure(id, explainInline(error, task), task.name)
    this.#loop.complete(id, slot, started)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function'
}
