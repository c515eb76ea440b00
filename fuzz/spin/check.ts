/** All runs of the check: each configuration, and each of its mutants, a few at a time. */
import { availableParallelism } from 'node:os'
import { CONFIGURATIONS, type Configuration } from './configurations.js'
import { type Outcome, verify } from './verify.js'

export interface Verdict extends Outcome {
  readonly configuration: Configuration
  /** What was broken; `undefined`: nothing. */
  readonly mutant: string | undefined
  readonly fair: boolean
  /** The protocol holds, or the mutant was killed. */
  readonly passed: boolean
}

/** Calls `report` for each run, in the order in which they end. */
export async function check(deep: boolean, report: (verdict: Verdict) => void): Promise<void> {
  const jobs = CONFIGURATIONS.filter((configuration) => deep || !configuration.deep).flatMap((configuration) => [
    { configuration, mutant: undefined, fair: false },
    ...(configuration.fair ? [{ configuration, mutant: undefined, fair: true }] : []),
    ...configuration.mutants.map((mutant) => ({ configuration, mutant, fair: false })),
  ])
  const rest = jobs.values()
  const work = async (): Promise<void> => {
    for (const { configuration, mutant, fair } of rest) {
      const defines = mutant === undefined ? configuration.defines : [...configuration.defines, mutant]
      const outcome = await verify({ model: configuration.model, defines, fair, brief: mutant !== undefined })
      const passed = (outcome.error !== undefined) === (mutant !== undefined)
      report({ ...outcome, configuration, mutant, fair, passed })
    }
  }
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work))
}
