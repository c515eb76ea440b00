import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Pool, QueueFullError, TaskCancelledError, type TaskHandle } from '../../lib/index.js'
import { asyncEcho } from '../fixtures/basic.js'
import { enters, entersAndDies, entersAsync, entersWithChildren, newCrowd, runsOf } from '../fixtures/crowd.js'
import { holdsAsync } from '../support/arbitrary-values.js'
import { settles } from '../support/hang-limit.js'

// Whatever is done to a pool, each call settles exactly once, with its own value or a reason for having none, and no task runs
// twice.

const TASKS = 4_000
const MOST_SUBMITS = 120

type Step =
  | { readonly do: 'submit'; readonly kind: number; readonly count: number; readonly priority: number }
  | { readonly do: 'cancel'; readonly which: number }
  | { readonly do: 'resize'; readonly minThreads: number; readonly maxThreads: number }
  | { readonly do: 'limit'; readonly limit: number }
  | { readonly do: 'broadcast' }
  | { readonly do: 'turns'; readonly turns: number }
  | { readonly do: 'get'; readonly which: number }

const threads = fc.integer({ min: 0, max: 3 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('submit' as const),
      kind: fc.nat(3),
      count: fc.integer({ min: 1, max: MOST_SUBMITS }),
      priority: fc.integer({ min: -3, max: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(threads, threads)
      .map(([a, b]) => ({ do: 'resize' as const, minThreads: Math.min(a, b), maxThreads: Math.max(1, a, b) })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('limit' as const),
      limit: fc.constantFrom(1, 2, 7, 100, Number.POSITIVE_INFINITY),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'broadcast' as const }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('turns' as const), turns: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('get' as const), which: fc.nat() }) },
)
const options = fc.record({
  threads: fc.integer({ min: 0, max: 3 }),
  concurrentTasksPerWorker: fc.constantFrom(1, 3),
  idleTimeout: fc.constantFrom(0, 20, Number.POSITIVE_INFINITY),
  maxQueue: fc.constantFrom(5, 50, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY),
  overflow: fc.constantFrom('reject', 'drop-oldest', 'caller-runs'),
  closing: fc.constantFrom('drain', 'cancel', 'force'),
})
type Options = typeof options extends fc.Arbitrary<infer T> ? T : never

async function play(steps: readonly Step[], { closing, ...rest }: Options): Promise<void> {
  const pool = new Pool(rest as ConstructorParameters<typeof Pool>[0])
  const crowd = newCrowd(TASKS)
  const handles: TaskHandle<number>[] = []
  const settled: number[] = []
  const broadcasts: PromiseLike<unknown[]>[] = []
  const problems: string[] = []
  const deadly = new Set<number>()
  // A call that its caller runs may need this thread, and must not end it.
  const mayBlock = rest.threads > 0 && rest.overflow !== 'caller-runs'
  const submit = (kind: number, priority: number): void => {
    const task = handles.length
    if (task >= TASKS) return
    const options = { priority: priority as 0 }
    if (kind === 3 && mayBlock && task % 10 === 0) deadly.add(task)
    const handle =
      kind === 0
        ? pool.run(enters, [crowd, task, 5], options)
        : kind === 1
          ? pool.run(entersAsync, [crowd, task, 1], options)
          : kind === 2
            ? pool.run(entersWithChildren, [crowd, task, 3], options)
            : deadly.has(task)
              ? pool.run(entersAndDies, [crowd, task], { ...options, idempotent: true })
              : pool.run(enters, [crowd, task, 0], options)
    settled.push(0)
    const once = (): void => {
      settled[task] = (settled[task] as number) + 1
    }
    handle.onComplete(once).onError(once)
    handles.push(handle)
  }
  for (const step of steps) {
    const which = 'which' in step && handles.length > 0 ? handles[step.which % handles.length] : undefined
    if (step.do === 'submit') for (let i = 0; i < step.count; i++) submit(step.kind, step.priority)
    else if (step.do === 'cancel') which?.cancel()
    else if (step.do === 'resize' && rest.threads > 0)
      pool.resize({ minThreads: step.minThreads, maxThreads: step.maxThreads })
    else if (step.do === 'limit') pool.setMaxConcurrentTasks(step.limit)
    else if (step.do === 'broadcast') broadcasts.push(pool.broadcast(asyncEcho, ['all'], { idempotent: true }))
    else if (step.do === 'get' && mayBlock && which !== undefined) {
      // A worker that dies takes a while to be replaced, and the machine may be busy.
      if (!which.wait(20_000)) problems.push(`call ${which.id} has not settled: ${inspect([which, pool.stats()])}`)
    } else if (step.do === 'turns')
      for (let i = 0; i < step.turns; i++) await new Promise((resolve) => setImmediate(resolve))
  }
  const report = await settles(
    pool.close(closing === 'force' ? { timeout: 0 } : { timeout: 60_000, cancelPending: closing === 'cancel' }),
    'close()',
    60,
  )
  const outcomes = await settles(Promise.allSettled(handles), 'the calls')
  const answers = await settles(Promise.allSettled(broadcasts), 'the broadcasts')
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(problems, [])
  if (closing !== 'force') assert.ok(report.clean, JSON.stringify(report))
  const runs = runsOf(crowd)
  for (const [task, outcome] of outcomes.entries()) {
    assert.is(settled[task], 1, `task ${task} has settled ${settled[task]} times`)
    const times = runs[task] as number
    // What kills its worker runs again, and may be called off before that.
    const isDeadly = deadly.has(task)
    if (outcome.status === 'fulfilled') {
      assert.is(outcome.value, task)
      assert.ok(times === 1 || (isDeadly && times <= 3), `task ${task} ran ${times} times`)
    } else if (closing !== 'force' || outcome.reason.code !== 'ERR_PARALLEL_SHUTDOWN') {
      const { reason } = outcome
      // A death takes the other async tasks of the worker with it.
      if (reason.code === 'ERR_PARALLEL_WORKER_LOST' && rest.concurrentTasksPerWorker > 1) continue
      assert.ok(reason instanceof TaskCancelledError || reason instanceof QueueFullError, String(reason))
      assert.ok(times === 0 || isDeadly, `task ${task} ran although it was refused or cancelled`)
    }
  }
  for (const answer of answers) {
    if (answer.status === 'fulfilled') assert.ok(answer.value.every((value) => value === 'all'))
    else assert.is(answer.reason.code, 'ERR_PARALLEL_SHUTDOWN')
  }
  assert.is(pool.stats().queued + pool.stats().running, 0)
  assert.is(pool.stats().threads, 0)
}

test('every call settles exactly once with the right value, whatever is done to the pool', () =>
  holdsAsync(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), options, (steps, rest) => play(steps, rest)),
    40,
  ))

test.run()
