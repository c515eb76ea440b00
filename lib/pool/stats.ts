/** What a pool says of itself. */
import type { TaskHost } from '../workers/index.js'

/** Durations in ms, each percentile off by less than 13 %. */
export interface Histogram {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** What one worker has done since the pool started. */
export interface WorkerStats {
  readonly workerId: number
  readonly completed: number
  /** Tasks that it took from other workers. */
  readonly steals: number
  readonly parks: number
}

export interface PoolStats {
  /** Threads that run or boot; 0 in a pool without threads. */
  readonly threads: number
  /** Threads that sleep. */
  readonly idle: number
  readonly queued: number
  readonly running: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  /** Tasks that a worker took from another worker. */
  readonly steals: number
  readonly parks: number
  readonly respawns: number
  /** Share of the threads' time since the first call that was spent in tasks, 0 … 1. */
  readonly utilization: number
  readonly waitMs: Histogram
  readonly runMs: Histogram
  readonly workers: readonly WorkerStats[]
}

const NOTHING: Histogram = { count: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 }

/** @internal `host` is undefined before the first call. */
export function statsOf(host: TaskHost | undefined, startedMs: number): PoolStats {
  const threads = host?.threads ?? { started: 0, live: 0, idle: 0 }
  const tally = host?.tally
  const running = host?.running ?? 0
  const workers = host?.workers() ?? []
  const sum = (key: 'steals' | 'parks'): number => workers.reduce((total, worker) => total + worker[key], 0)
  const upMs = host === undefined ? 0 : performance.now() - startedMs
  const capacityMs = upMs * Math.max(1, threads.live)
  return {
    threads: threads.started,
    idle: threads.idle,
    queued: (host?.unsettled ?? 0) - running,
    running,
    completed: tally?.completed ?? 0,
    failed: (tally?.failed ?? 0) + (tally?.lost ?? 0),
    cancelled: tally?.cancelled ?? 0,
    steals: sum('steals'),
    parks: sum('parks'),
    respawns: tally?.respawns ?? 0,
    utilization: capacityMs === 0 ? 0 : Math.min(1, (tally?.busyMs ?? 0) / capacityMs),
    waitMs: tally?.wait.summary() ?? NOTHING,
    runMs: tally?.run.summary() ?? NOTHING,
    workers,
  }
}
