/** What the host hands to a worker at its start, through workerData. Plain and cloneable. */
import type { Region } from '../ring-buffer/index.js'
import type { TeamShape } from '../scheduler/index.js'
import type { MessagePort } from './platform-node.js'

export interface Boot {
  readonly protocol: number
  readonly shape: TeamShape
  readonly buffer: SharedArrayBuffer
  readonly worker: number
  readonly arena: Region
  readonly arenaId: number
  /** Announcements of the host, from before the start on. */
  readonly port: MessagePort
  /** Name of the channel on which workers announce. */
  readonly channel: string
  /** The host's clock, as `clockOffset()` gave it there. */
  readonly hostClockMs: number
  readonly spinMs: number
  readonly concurrentTasks: number
  readonly loadTimeoutMs: number
  readonly maxSearchers: number
  readonly workerData: unknown
  /** URL of the file that the thread was started with, where that is the application's own bundle: it is evaluated first. */
  readonly bundle: string | undefined
  /** Numbers of the functions that run before the first task and after the last one. */
  readonly setup: number | undefined
  readonly teardown: number | undefined
}

/** What a thread can know before its boot record arrives in a message. */
export interface ThreadMark {
  readonly protocol: number
  readonly worker: number
  readonly workerData: unknown
}

/** Key of the boot record in workerData or in a message, so that nobody mistakes another's data for it; for all protocols. */
export const BOOT_KEY = 'makeparallel'
/** Bytes of arena per participant. Untouched pages cost nothing. */
export const ARENA_BYTES = 1 << 26
