/** Whether the checker notices a mutant: for the command (`cli.ts`) and for the tests (`declareMutantTests`). */
import { buildMutant, scenariosOf } from './build.js'
import { Explorer, type Limits } from './explorer.js'
import type { Mutant } from './mutants.js'

export interface Trial {
  /** What the configuration has found, or undefined: the mutant survives. */
  readonly found: string | undefined
  /** All executions were explored, and not as many as the limits allow. */
  readonly isExhausted: boolean
  readonly seconds: number
}

/** Says that script and library do not fit together, or that a loop has lost its steps: not that the protocol is broken. */
const NO_FINDING = /^(?:TypeError|ReferenceError|RangeError|SyntaxError|no end after)/

/** @throws Error when it does not compile, has no place or no configuration, or fails for a reason that proves nothing */
export async function tryMutant(mutant: Mutant, limits: Limits): Promise<Trial> {
  const broken = buildMutant(mutant.name.replaceAll(/\W+/g, '-'), mutant)
  const killer = (await scenariosOf(broken)).find(({ name }) => name === mutant.killer)
  if (killer === undefined) throw new Error(`there is no configuration "${mutant.killer}"`)
  const { failure, isExhausted, seconds } = new Explorer(killer, broken.sites, limits).explore()
  const found = failure?.split('\n')[0]
  if (found !== undefined && NO_FINDING.test(found))
    throw new Error(`it proves nothing that ${mutant.killer} ends so: ${found}`)
  return { found, isExhausted, seconds }
}
