/** A task function and its identity, as every thread knows them. */
export type Origin =
  /** Defined by `parallel(source, …)` in a module that every thread evaluates. */
  | {
      readonly kind: 'module'
      readonly url: string
      /** What names the module instead of its URL, which then need not be the same on every thread. */
      readonly id: string | undefined
      readonly key: string
      readonly hash: number
    }
  /** Exported by a module that only workers evaluate: one with a URL, or one that is served under an id. */
  | RemoteOrigin
  /** Source text. */
  | { readonly kind: 'inline'; readonly text: string }

export interface RemoteOrigin {
  readonly kind: 'remote'
  readonly url: string | undefined
  readonly id: string | undefined
  readonly key: string
}

/** Where a parallel function keeps its definition and options: any copy of the library finds them. */
export const TASK = Symbol.for('makeparallel.task')

/** A task function as every thread knows it. Numbers are the host's: they travel in slots. */
export interface Definition {
  /** 0: this thread has not evaluated its module, and knows nothing of it but its name. */
  readonly id: number
  readonly name: string
  readonly identity: string
  readonly origin: Origin
  readonly fn: (...args: never[]) => unknown
  /**
   * Mean run time in ticks, an exponential average over what this thread has seen; -1 before the first. An
   * integer: a fraction would be boxed anew by every call.
   */
  meanTicks: number
}

export function identityOf(origin: Origin): string {
  if (origin.kind === 'inline') return `inline:${origin.text}`
  const { id, key, kind, url } = origin
  const module = id === undefined ? `${url}#${key}` : `id:${id}#${key}`
  return kind === 'module' ? module : `remote:${module}`
}

/** In place of a hash: the text of this function is not the same on every thread, and need not be. */
export const NO_HASH = 0

/** FNV-1a over UTF-16 units: tells two sources apart, not an adversary. */
export function hashSource(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}

/**
 * 20 µs in ticks. Below this mean run time a task is *short*: taken in batches, waited for by polling, no reason to wake
 * a worker.
 */
const SHORT_TICKS = 2_000

export function isShort(definition: Definition): boolean {
  const mean = definition.meanTicks
  return mean >= 0 && mean < SHORT_TICKS // what is unknown may be long
}

export function noteRun(definition: Definition, runTicks: number): void {
  const run = runTicks < MOST_TICKS ? runTicks : MOST_TICKS
  const mean = definition.meanTicks
  definition.meanTicks = mean < 0 ? run : mean + ((run - mean) >> MEAN_SHIFT)
}

/** Ten seconds: the mean stays a small integer. */
const MOST_TICKS = 1_000_000_000
/** Each run counts for an eighth. */
const MEAN_SHIFT = 3

/** Whether this thread can call the function itself. */
export function isEvaluatedHere({ id, origin }: Definition): boolean {
  return id !== 0 && origin.kind !== 'remote'
}
