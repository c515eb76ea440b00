/** What all calls of one function with the same options on one pool have in common: made once, shared by their handles. */
import type { CallSite, Definition, Waiter } from '../workers/index.js'
import type { Bound, TaskMetadata } from './options.js'

export interface Site extends CallSite {
  readonly name: string
  readonly metadata: TaskMetadata
  readonly waiter: Waiter
  readonly onCallbackError: (error: unknown) => void
}

export function makeSite(
  definition: Definition,
  bound: Bound,
  waiter: Waiter,
  onCallbackError: (error: unknown) => void,
): Site {
  const { band, idempotent, metadata } = bound
  return { definition, band, idempotent, name: bound.name ?? definition.name, metadata, waiter, onCallbackError }
}
