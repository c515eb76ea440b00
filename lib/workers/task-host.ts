/** Who runs the calls of a pool: worker threads (host.ts), or the thread that makes the calls (local-host.ts). */
import type { Call, CallSite, Waiter } from './calls.js'
import type { Arguments } from './codec/index.js'
import type { Tally } from './tally.js'

export interface Death {
  readonly worker: number
  readonly arenaId: number
  /** Unknown when the host was blocked while it happened. */
  readonly exitCode: number | undefined
  readonly cause: unknown
  /** It had reached its main loop. */
  readonly wasLive: boolean
  /** It was told to leave, and left. */
  readonly retired: boolean
}

/** What the pool hears of. */
export interface HostEvents {
  ready(): void
  /** Calls have settled, and none or fewer are left. */
  settled(unsettled: number): void
  exited(death: Death): void
  started(worker: number): void
  respawned(worker: number): void
  cannotStart(error: Error): void
  /** A teardown failed, in worker 1 … or, without threads, in worker 0. */
  teardownFailed(worker: number, error: unknown): void
}

export interface WorkerCounts {
  readonly workerId: number
  readonly completed: number
  readonly steals: number
  readonly parks: number
}

export interface ThreadCounts {
  readonly started: number
  readonly live: number
  readonly idle: number
}

export interface ThreadLimits {
  readonly minThreads: number
  readonly maxThreads: number
}

/** What became of the calls that were left when the host ended. */
export interface Ended {
  readonly cancelled: number
  readonly terminated: number
}

export interface TaskHost extends Waiter {
  readonly tally: Tally
  /** Calls that have not settled. */
  readonly unsettled: number
  /** Settles what is done already, without a turn of the event loop. */
  poll(): void
  /** Of those, calls that have started. */
  readonly running: number
  readonly isReady: boolean
  readonly threads: ThreadCounts

  /** First half of a call, before its handle is made. `launched` must follow. */
  launch(site: CallSite, args: Arguments): number
  /** Second half: the handle of what was launched as `id`. */
  launched(id: number, call: Call): void
  /** Starts the threads that are always there, and as many as `wanted`. */
  start(wanted: number): void
  /** Keeps the process alive, or no longer; calls are counted. */
  hold(): void
  letGo(): void
  /** Something happened outside of a completion: look in the next turn. */
  nudge(): void
  workers(): WorkerCounts[]
  /** Takes every call that has not started out of the queues. */
  withdrawAll(): Call[]
  /** Runs a function once in each worker; the call succeeds with the results by worker. */
  broadcast(call: Call): void
  resize(limits: ThreadLimits): void
  /** Calls that run at a time, at most. */
  setMaxConcurrent(limit: number): void
  /**
   * Runs the teardown for at most `teardownMs`, ends all threads, then hands every call that is left to `withdraw`. No
   * submission may follow.
   */
  end(teardownMs: number, withdraw: (call: Call, started: boolean) => void): Promise<Ended>
}
