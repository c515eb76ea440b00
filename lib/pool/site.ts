/** What all calls of one function with the same options on one pool have in common: made once, shared by their handles. */
import type { CallSite, Definition, Waiter } from '../workers/index.js'
import { type Bound, MIDDLE_BAND, NO_METADATA, type TaskMetadata } from './options.js'

export interface Site extends CallSite {
  readonly name: string
  readonly metadata: TaskMetadata
  readonly waiter: Waiter
  readonly onCallbackError: (error: unknown) => void
}

/** `bound` comes before `defaults`, the pool's. */
export function makeSite(
  definition: Definition,
  bound: Bound,
  defaults: Bound,
  waiter: Waiter,
  onCallbackError: (error: unknown) => void,
): Site {
  return {
    definition,
    band: bound.band ?? defaults.band ?? MIDDLE_BAND,
    idempotent: bound.idempotent ?? defaults.idempotent ?? false,
    name: bound.name ?? definition.name,
    metadata: bound.metadata ?? defaults.metadata ?? NO_METADATA,
    waiter,
    onCallbackError,
  }
}
