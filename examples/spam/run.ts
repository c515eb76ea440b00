// Both ways through the same list of tasks. What they return must be equal; what they take is compared.
import { availableParallelism } from 'node:os'
import { defaultPool, type PoolStats } from '../../lib/index.js' // in your project: from 'makeparallel'
import { FOLDS, settings } from './grid.js'
import type { Judgements } from './naive-bayes.js'
import { startProgressBar } from './progress-bar.js'
import { echo, evaluate } from './tasks.js'

export const grid = settings.flatMap((_, setting) => Array.from({ length: FOLDS }, (_, fold) => ({ setting, fold })))
export type GridTask = (typeof grid)[number]

/** Where and when a task ran, in milliseconds since the parallel run began. */
export interface Span extends GridTask {
  readonly worker: number
  readonly startMs: number
  readonly runMs: number
}

/** What a worker did in the parallel run. */
export interface WorkerUse {
  readonly worker: number
  readonly tasks: number
  readonly busyMs: number
  readonly steals: number
  readonly parks: number
}

export interface SerialRun {
  readonly results: Judgements[]
  readonly ms: number
}

export interface ParallelRun extends SerialRun {
  readonly spans: Span[]
  readonly workers: WorkerUse[]
}

/** Tasks of every kind that run untimed first: they load the corpus and let the thread's compiler do its work. */
const warmUp = grid.filter((_, i) => i % 18 === 0)

export function warmUpHere(): void {
  for (const { setting, fold } of warmUp) evaluate.local(setting, fold)
}

/** Returns the number of workers. */
export async function warmUpWorkers(): Promise<number> {
  const warm = new Set<number | undefined>()
  do {
    const handles = Array.from({ length: availableParallelism() }, () => warmUp)
      .flat()
      .map(({ setting, fold }) => evaluate(setting, fold))
    await Promise.all(handles)
    for (const { workerId } of handles) warm.add(workerId)
  } while (warm.size < defaultPool.stats().threads) // one that started late may have found nothing left
  return warm.size
}

export function runSerially(label: string, tasks: readonly GridTask[] = grid): SerialRun {
  const bar = startProgressBar(label, tasks.length)
  const startedAt = performance.now()
  const results = tasks.map(({ setting, fold }) => {
    const result = evaluate.local(setting, fold)
    bar.advance()
    return result
  })
  const ms = performance.now() - startedAt
  bar.finish()
  return { results, ms }
}

export async function runInParallel(label: string, tasks: readonly GridTask[] = grid): Promise<ParallelRun> {
  const before = defaultPool.stats()
  const bar = startProgressBar(label, tasks.length)
  const startedAt = performance.now()
  const submitted = tasks.map((task) => {
    const atMs = performance.now() - startedAt
    return { task, atMs, handle: evaluate(task.setting, task.fold).onComplete(bar.advance) }
  })
  const results = await Promise.all(submitted.map(({ handle }) => handle))
  const ms = performance.now() - startedAt
  bar.finish()

  const spans = submitted.map(({ task, atMs, handle: { workerId, timing } }) => {
    return { ...task, worker: workerId!, startMs: atMs + timing.queuedMs, runMs: timing.runMs }
  })
  return { results, ms, spans, workers: use(spans, before, defaultPool.stats()) }
}

function use(spans: readonly Span[], before: PoolStats, after: PoolStats): WorkerUse[] {
  return after.workers.map(({ workerId, steals, parks }) => {
    const earlier = before.workers.find((worker) => worker.workerId === workerId)
    const own = spans.filter((span) => span.worker === workerId)
    return {
      worker: workerId,
      tasks: own.length,
      busyMs: own.reduce((sum, { runMs }) => sum + runMs, 0),
      steals: steals - (earlier?.steals ?? 0),
      parks: parks - (earlier?.parks ?? 0),
    }
  })
}

/** The median time, in microseconds, from a call of an empty task to its awaited result, one call at a time. */
export async function measureDispatch(calls: number): Promise<number> {
  const us: number[] = []
  for (let call = 0; call < calls; call++) {
    const startedAt = performance.now()
    await echo(call)
    us.push(1000 * (performance.now() - startedAt))
  }
  return us.sort((a, b) => a - b)[calls >> 1]!
}
