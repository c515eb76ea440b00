// Results as they are kept in bench/results: every repeat, so that ratios can be taken within one.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Machine } from './machine.js'
import type { Figures } from './question.js'
import { median, rounded } from './statistics.js'

export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
  /** In the order they were measured; null where the case failed. */
  readonly repeats: readonly (number | null)[]
}

export interface CaseResult {
  readonly name: string
  readonly figures: Readonly<Record<string, Summary>>
  /** Why repeats of it failed, if any did. */
  readonly failures: readonly string[]
}

export interface Result {
  readonly question: string
  readonly command: string
  readonly machine: Machine
  readonly packages: Readonly<Record<string, string>>
  readonly repeats: number
  readonly cases: readonly CaseResult[]
}

/** Where the repository keeps them. */
export const RESULTS = new URL('../../bench/results/', import.meta.url)

/** `runs`: the figures of each repeat, undefined where it failed. What is not finite could not be measured. */
export function summarise(
  name: string,
  runs: readonly (Figures | undefined)[],
  failures: readonly string[],
): CaseResult {
  const keys = [...new Set(runs.flatMap((run) => Object.keys(run ?? {})))]
  const figures: Record<string, Summary> = {}
  for (const key of keys) {
    const repeats = runs.map((run) => {
      const value = run?.[key]
      return value !== undefined && Number.isFinite(value) ? rounded(value) : null
    })
    const taken = repeats.filter((value) => value !== null)
    if (taken.length > 0)
      figures[key] = { median: rounded(median(taken)), min: Math.min(...taken), max: Math.max(...taken), repeats }
  }
  return { name, figures, failures }
}

export function readResult(question: string, folder: URL = RESULTS): Result | undefined {
  const file = new URL(`${question}.json`, folder)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Result) : undefined
}

/** Lists of numbers stay on one line: a diff then shows one line per figure. */
export function formatResult(result: Result): string {
  const oneLine = (_: string, list: string): string => `[${list.replace(/\s+/g, ' ')}]`
  return `${JSON.stringify(result, null, 2).replace(/\[\s+([^[\]{}"]*?)\s+\]/g, oneLine)}\n`
}

export function writeResult(result: Result, folder: URL = RESULTS): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(`${result.question}.json`, folder), formatResult(result))
}
