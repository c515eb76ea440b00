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
  /** Mean run time in ms, an exponential average over what this thread has seen; NaN before the first. */
  meanMs: number
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

/** Below this mean run time a task is *short*: taken in batches, waited for by spinning, no reason to wake a worker. */
const SHORT_MS = 0.02

export function isShort(definition: Definition): boolean {
  return definition.meanMs < SHORT_MS // false for NaN: what is unknown may be long
}

export function noteRun(definition: Definition, runMs: number): void {
  const mean = definition.meanMs
  definition.meanMs = mean === mean ? mean + (runMs - mean) * 0.125 : runMs
}
