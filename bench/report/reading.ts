// What tables ask of a result. Ratios and differences are taken within each repeat, where the two sides were measured
// seconds apart, and only then summed up.
import { PISCINA } from '../contenders/index.js'
import { type CaseResult, type Result, type Summary, summarise } from '../result.js'
import { median } from '../statistics.js'

export class Reading {
  readonly result: Result

  constructor(result: Result) {
    this.result = result
  }

  case(name: string): CaseResult | undefined {
    return this.result.cases.find((one) => one.name === name)
  }

  figure(name: string, key: string): Summary | undefined {
    return this.case(name)?.figures[key]
  }

  /** NaN when it was not measured. */
  median(name: string, key: string): number {
    return this.figure(name, key)?.median ?? Number.NaN
  }

  repeats(name: string, key: string): number[] {
    return (this.figure(name, key)?.repeats ?? []).filter((value) => value !== null)
  }

  /** `by` of two figures of the same repeat, for each repeat that has both. */
  pair(a: readonly [string, string], b: readonly [string, string], by: (a: number, b: number) => number): number[] {
    const left = this.figure(...a)?.repeats ?? []
    const right = this.figure(...b)?.repeats ?? []
    return left.flatMap((value, i) => {
      const other = right[i] ?? null
      return value === null || other === null ? [] : [by(value, other)]
    })
  }

  ratio(a: readonly [string, string], b: readonly [string, string]): number[] {
    return this.pair(a, b, (x, y) => x / y)
  }

  overLimit(name: string, key: string): number[] {
    return this.pair([name, key], [name, 'limitUs'], (value, limit) => value - limit)
  }

  /** Only the repeats in which others took at most so much of the time of two spinning threads, whatever the case. */
  quietRepeats(mostStolenPercent: number): Reading {
    const { cases, repeats } = this.result
    const quiet = Array.from({ length: repeats }, (_, i) =>
      cases.every(({ figures }) => (figures.stolenPercent?.repeats[i] ?? 0) <= mostStolenPercent),
    )
    const kept = cases.map(({ name, figures, failures }) => {
      const runs = quiet.flatMap((isQuiet, i) => {
        const run = Object.entries(figures).map(([key, summary]) => [key, summary.repeats[i] ?? Number.NaN])
        return isQuiet ? [Object.fromEntries(run)] : []
      })
      return summarise(name, runs, failures)
    })
    return new Reading({ ...this.result, repeats: quiet.filter(Boolean).length, cases: kept })
  }

  /** The variant of Piscina that does best, as the name of its case. */
  bestPiscina(threads: number, key: string, better: 'less' | 'more' = 'less'): string | undefined {
    const names = PISCINA.map((contender) => `${contender}-${threads}`)
    const measured = names.filter((name) => this.figure(name, key) !== undefined)
    const sign = better === 'less' ? 1 : -1
    return measured.sort((a, b) => sign * (this.median(a, key) - this.median(b, key)))[0]
  }

  /** How many times the case is better than the best Piscina with as many threads. */
  timesPiscina(name: string, threads: number, key: string, better: 'less' | 'more' = 'less'): number[] {
    const piscina = this.bestPiscina(threads, key, better)
    if (piscina === undefined) return []
    return better === 'less' ? this.ratio([piscina, key], [name, key]) : this.ratio([name, key], [piscina, key])
  }
}

/** The median of what `Reading` gives by repeat; NaN of none. */
export const middle = (values: readonly number[]): number => median(values)
