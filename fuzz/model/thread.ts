/** A thread of a scenario: what it does at the moment, and what it is about to do. */
import type { request, SettlingPromise } from './runtime.js'
import type { Script } from './scenario.js'

// What a thread does at the moment.
export const READY = 0
/** In a wait. */
export const BLOCKED = 1
/** Its wait has ended, and the call has not returned yet. */
export const WOKEN = 2
export const ENDED = 3
export const DEAD = 4

export type Steps = Generator<typeof request, unknown, unknown>

export class Thread {
  readonly script: Script
  readonly number: number
  status = READY
  steps: Steps | undefined
  // What it is about to do.
  site = 0
  address = 0
  a = 0
  b = 0
  promise: SettlingPromise | undefined
  /** How its wait ended. */
  outcome = 'ok'
  isReported = false
  /** It will be terminated: at any moment, but before the end. */
  isDoomed = false
  /** How often memory had changed at its last `pause`. */
  changes = -1
  // Hash of what it has seen since its last checkpoint.
  low = 0
  high = 0

  constructor(script: Script, number: number) {
    this.script = script
    this.number = number
  }
}

/** Something that must not happen has happened. */
export class Failure extends Error {
  override readonly name = 'Failure'
}
