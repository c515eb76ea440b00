/**
 * Sequences of commands to a pool and its handles, against a plain model: a call settles once, with its own value or error or
 * a reason for having none that something in the sequence explains; the pool's figures add up; nothing hangs.
 *
 * Commands are data, so that a counterexample can be kept as JSON (fuzz/corpus/) and played again.
 */
import assert from 'node:assert'
import { inspect } from 'node:util'
import type { Worker } from 'node:worker_threads'
import * as fc from 'fast-check'
import { Pool, type PoolOptions, type TaskHandle } from '../../lib/index.js'
import { asyncEcho } from '../../test/fixtures/basic.js'
import {
  enters,
  entersAndDies,
  entersAndFails,
  entersAsync,
  entersWithChildren,
  newCrowd,
  runsOf,
} from '../../test/fixtures/crowd.js'
import { settles } from '../../test/support/hang-limit.js'

const TASKS = 4_000
const MOST_SUBMITS = 120
const MOST_ATTEMPTS = 3

const KINDS = ['short', 'async', 'family', 'long', 'failing', 'deadly'] as const
type Kind = (typeof KINDS)[number]

export type Command =
  | { readonly do: 'submit'; readonly kind: Kind; readonly count: number; readonly priority: number }
  | { readonly do: 'cancel' | 'wait' | 'get' | 'await' | 'listen' | 'kill'; readonly which: number }
  | { readonly do: 'resize'; readonly minThreads: number; readonly maxThreads: number }
  | { readonly do: 'limit'; readonly limit: number }
  | { readonly do: 'turns'; readonly turns: number }
  | { readonly do: 'broadcast' | 'close' }

const CLOSES = {
  drain: { timeout: 60_000 },
  cancel: { timeout: 60_000, cancelPending: true },
  force: { timeout: 0 },
}

export interface Setting {
  readonly threads: number
  readonly concurrentTasksPerWorker: number
  readonly idleTimeout: number
  readonly maxQueue: number
  readonly overflow: 'reject' | 'drop-oldest' | 'caller-runs'
  readonly closing: keyof typeof CLOSES
}

export interface Case {
  readonly setting: Setting
  readonly commands: readonly Command[]
}

const threads = fc.integer({ min: 0, max: 3 })
const size = fc
  .tuple(threads, threads)
  .map(([a, b]) => ({ do: 'resize' as const, minThreads: Math.min(a, b), maxThreads: Math.max(1, a, b) }))
const submission = fc.record({
  do: fc.constant('submit' as const),
  kind: fc.constantFrom(...KINDS),
  count: fc.integer({ min: 1, max: MOST_SUBMITS }),
  priority: fc.integer({ min: -3, max: 3 }),
})
const onOne = fc.record({
  do: fc.constantFrom(
    'cancel' as const,
    'cancel' as const,
    'wait' as const,
    'get' as const,
    'await' as const,
    'listen' as const,
  ),
  which: fc.nat(),
})
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: submission },
  { weight: 6, arbitrary: onOne },
  { weight: 2, arbitrary: size },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('limit' as const),
      limit: fc.constantFrom(1, 2, 7, 100, Number.POSITIVE_INFINITY),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant({ do: 'broadcast' as const }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('turns' as const), turns: fc.nat(5) }) },
)

export const anyCase: fc.Arbitrary<Case> = fc.record({
  setting: fc.record({
    threads: fc.integer({ min: 0, max: 3 }),
    concurrentTasksPerWorker: fc.constantFrom(1, 3),
    idleTimeout: fc.constantFrom(0, 20, Number.POSITIVE_INFINITY),
    maxQueue: fc.constantFrom(5, 50, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY),
    overflow: fc.constantFrom('reject' as const, 'drop-oldest' as const, 'caller-runs' as const),
    closing: fc.constantFrom('drain' as const, 'cancel' as const, 'force' as const),
  }),
  commands: fc
    .tuple(
      fc.array(command, { minLength: 1, maxLength: 25 }),
      fc.oneof(
        { weight: 3, arbitrary: fc.constant<Command[]>([]) },
        // Some come after the end.
        {
          weight: 1,
          arbitrary: fc.array(command, { maxLength: 5 }).map((more) => [{ do: 'close' as const }, ...more]),
        },
      ),
    )
    .map(([before, after]) => [...before, ...after]),
})

/** What the model knows of one call. */
interface Call {
  readonly handle: TaskHandle<number>
  readonly kind: Kind
  /** It was made after `close`. */
  readonly isLate: boolean
  /** `cancel()` said that it was this that ended it. */
  isCancelled: boolean
  settled: number
  /** Callbacks that were added later, and how many of them were called. */
  listeners: number
  heard: number
}

class Play {
  readonly #setting: Setting
  readonly #pool: Pool
  readonly #crowd = newCrowd(TASKS)
  readonly #calls: Call[] = []
  readonly #broadcasts: PromiseLike<unknown[]>[] = []
  readonly #workers: Worker[] = []
  /** A call that its caller runs may need this thread, and must not end it. */
  readonly #mayBlock: boolean
  #kills = 0
  #isClosing = false

  constructor(setting: Setting) {
    this.#setting = setting
    const { closing, ...options } = setting
    this.#pool = new Pool(options satisfies PoolOptions)
    this.#pool.on('error', () => {}) // of workers that are killed before they have come up
    this.#mayBlock = setting.threads > 0 && setting.overflow !== 'caller-runs'
  }

  readonly #hasWorker = (worker: Worker): void => {
    this.#workers.push(worker)
    worker.on('exit', () => void this.#workers.splice(this.#workers.indexOf(worker), 1))
  }

  async play(commands: readonly Command[]): Promise<void> {
    process.on('worker', this.#hasWorker)
    try {
      for (const command of commands) await this.#obey(command)
      const report = await settles(this.#close(), 'close()', 90)
      await settles(Promise.allSettled(this.#calls.map(({ handle }) => handle)), 'the calls')
      const answers = await settles(Promise.allSettled(this.#broadcasts), 'the broadcasts')
      await new Promise((resolve) => setImmediate(resolve))
      if (this.#setting.closing !== 'force') assert.ok(report.clean, JSON.stringify(report))
      this.#judgeAll()
      for (const answer of answers) {
        if (answer.status === 'fulfilled') assert.ok(answer.value.every((value) => value === 'all'))
        else assert.match(answer.reason.code, this.#kills > 0 ? /SHUTDOWN|LOST|START/ : /SHUTDOWN/)
      }
      assert.deepStrictEqual(this.#workers, [], 'threads are left')
    } finally {
      process.off('worker', this.#hasWorker)
    }
  }

  #close() {
    this.#isClosing = true
    return this.#pool.close(CLOSES[this.#setting.closing])
  }

  async #obey(command: Command): Promise<void> {
    const { threads } = this.#setting
    switch (command.do) {
      case 'submit':
        for (let i = 0; i < command.count; i++) this.#submit(command.kind, command.priority as 0)
        return
      case 'resize':
        if (threads > 0) this.#pool.resize({ minThreads: command.minThreads, maxThreads: command.maxThreads })
        return
      case 'limit':
        this.#pool.setMaxConcurrentTasks(command.limit)
        return
      case 'broadcast':
        this.#broadcasts.push(this.#pool.broadcast(asyncEcho, ['all'], { idempotent: true }))
        return
      case 'kill': {
        const worker = this.#workers[command.which % Math.max(1, this.#workers.length)]
        if (worker === undefined) return
        this.#kills++
        void worker.terminate()
        return
      }
      case 'turns':
        for (let i = 0; i < command.turns; i++) await new Promise((resolve) => setImmediate(resolve))
        return
      case 'close':
        void this.#close()
        return
      default: {
        const call = this.#calls[command.which % Math.max(1, this.#calls.length)]
        if (call !== undefined) await this.#use(call, command.do)
      }
    }
  }

  /** `wait` and `get` block this thread; a close that is under way needs it. */
  async #use(call: Call, way: 'cancel' | 'wait' | 'get' | 'await' | 'listen' | 'kill'): Promise<void> {
    const { handle } = call
    if (way === 'cancel') {
      if (!handle.cancel()) return
      call.isCancelled = true
      assert.ok(handle.isSettled && handle.state === 'cancelled')
    } else if (way === 'wait' && this.#mayBlock && !this.#isClosing) {
      // A worker that dies takes a while to be replaced, and the machine may be busy.
      assert.ok(handle.wait(20_000), `call ${handle.id} has not settled: ${inspect([handle, this.#pool.stats()])}`)
    } else if (way === 'get' && this.#mayBlock) {
      try {
        assert.strictEqual(handle.get(1), handle.tryGet())
      } catch (error) {
        if ((error as { limit?: string }).limit !== 'get') assert.throws(() => handle.tryGet(), error as Error)
      }
    } else if (way === 'await' && !this.#isClosing) {
      await settles(Promise.allSettled([handle]), `call ${handle.id}`)
      assert.ok(handle.isSettled)
    } else if (way === 'listen') {
      const heard = (): void => void call.heard++
      handle.onComplete(heard).onError(heard)
      call.listeners++
    }
  }

  #submit(wanted: Kind, priority: 0): void {
    const task = this.#calls.length
    if (task >= TASKS) return
    const kind = wanted === 'deadly' && !(this.#mayBlock && task % 10 === 0) ? 'short' : wanted
    const pool = this.#pool
    const crowd = this.#crowd
    const options = { priority, idempotent: kind === 'deadly' }
    const isLate = this.#isClosing
    let handle: TaskHandle<number>
    if (kind === 'short') handle = pool.run(enters, [crowd, task, 3], options)
    else if (kind === 'long') handle = pool.run(enters, [crowd, task, 2_000], options)
    else if (kind === 'async') handle = pool.run(entersAsync, [crowd, task, 1], options)
    else if (kind === 'family') handle = pool.run(entersWithChildren, [crowd, task, 3], options)
    else if (kind === 'failing') handle = pool.run(entersAndFails, [crowd, task], options)
    else handle = pool.run(entersAndDies, [crowd, task], options)
    const call: Call = { handle, kind, isLate, isCancelled: false, settled: 0, listeners: 0, heard: 0 }
    const once = (): void => void call.settled++
    handle.onComplete(once).onError(once)
    this.#calls.push(call)
  }

  #judgeAll(): void {
    const runs = runsOf(this.#crowd)
    const seen = { completed: 0, failed: 0, cancelled: 0, refused: 0 }
    for (const [task, call] of this.#calls.entries()) {
      const outcome = this.#judge(call, task, runs[task] as number)
      if (typeof outcome !== 'string') throw new Error(`${call.kind} task ${task}: ${inspect(call.handle)}`)
      seen[outcome]++
      assert.strictEqual(call.settled, 1, `task ${task} has settled ${call.settled} times`)
      assert.strictEqual(call.heard, call.listeners, `late callbacks of task ${task}`)
    }
    const stats = this.#pool.stats()
    assert.strictEqual(stats.queued + stats.running + stats.threads, 0)
    assert.strictEqual(stats.completed, seen.completed)
    assert.strictEqual(stats.failed, seen.failed)
  }

  #judge({ handle, kind, isLate, isCancelled }: Call, task: number, times: number) {
    const isDeadly = kind === 'deadly'
    const mayRepeat = isDeadly ? MOST_ATTEMPTS : 1
    assert.ok(times <= mayRepeat, `task ${task} ran ${times} times`)
    const unstarted = times === 0 || isDeadly // which may be called off between two attempts
    let value: number | undefined
    try {
      value = handle.tryGet()
    } catch (error) {
      const { code, message } = error as { code?: string; message: string }
      const explain = (is: boolean): void => assert.ok(is, `${kind} task ${task}, which ran ${times} times: ${error}`)
      switch (code) {
        case 'ERR_PARALLEL_CANCELLED':
          explain(unstarted && (isCancelled || this.#setting.closing === 'cancel'))
          return 'cancelled'
        case 'ERR_PARALLEL_WORKER_LOST':
          // A death takes the other async tasks of the worker with it, and what was loading its module.
          explain(this.#kills > 0 || this.#calls.some((call) => call.kind === 'deadly'))
          return handle.state === 'lost' ? 'failed' : undefined
        case 'ERR_PARALLEL_QUEUE_FULL':
          explain(unstarted && this.#setting.maxQueue < Number.POSITIVE_INFINITY)
          return 'refused'
        case 'ERR_PARALLEL_SHUTDOWN':
          explain(isLate ? times === 0 : this.#setting.closing === 'force')
          return 'refused'
        case 'ERR_PARALLEL_WORKER_START':
          explain(unstarted && this.#kills > 0)
          return 'refused'
        default:
          explain(kind === 'failing' && message === `own ${task}` && times === 1)
          return 'failed'
      }
    }
    assert.strictEqual(value, task)
    assert.ok(
      !isLate && !isCancelled && times > 0 && kind !== 'failing',
      `task ${task} has a value, and ran ${times} times`,
    )
    return 'completed'
  }
}

/** Throws what the pool does and the model does not. */
export function playCase({ setting, commands }: Case): Promise<void> {
  return new Play(setting).play(commands)
}

/** JSON knows no Infinity. */
export function toJson(played: Case): string {
  return JSON.stringify(played, (_, value) => (value === Number.POSITIVE_INFINITY ? 'Infinity' : value), 1)
}

export function fromJson(text: string): Case {
  return JSON.parse(text, (_, value) => (value === 'Infinity' ? Number.POSITIVE_INFINITY : value)) as Case
}
