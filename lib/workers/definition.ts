/** A task function and its identity, as every thread knows them. */
export type Origin =
  | { readonly kind: 'module'; readonly url: string; readonly key: string; readonly hash: number }
  | { readonly kind: 'inline'; readonly text: string }

/** A task function as every thread knows it. Numbers are the host's: they travel in slots. */
export interface Definition {
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
  return origin.kind === 'module' ? `${origin.url}#${origin.key}` : `inline:${origin.text}`
}

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
