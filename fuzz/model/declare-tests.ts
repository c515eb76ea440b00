/** What the checker does, as tests. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { build, scenariosOf } from './build.js'
import { Explorer } from './explorer.js'
import { MUTANTS } from './mutants.js'
import { encodeSchedule, tellSchedule } from './trace.js'
import { tryMutant } from './try-mutant.js'

const LIMITS = { states: 5_000_000, seconds: 110 }
/** One takes half a minute on a machine of its own, and may on a crowded one take ten times as long. */
const MUTANT_LIMITS = { ...LIMITS, seconds: 300 }

/** The quick configurations: one test each, of those whose names begin with `prefixes`. */
export async function declareTests(...prefixes: readonly string[]): Promise<void> {
  const sound = build()
  const scenarios = (await scenariosOf(sound)).filter(
    ({ name, tier }) => tier === 'quick' && prefixes.some((prefix) => name.startsWith(`${prefix}:`)),
  )
  if (scenarios.length === 0) throw new Error(`no quick configuration is called ${prefixes.join(' or ')}`)
  for (const scenario of scenarios) {
    test(scenario.name, () => {
      const { failure, schedule, isExhausted } = new Explorer(scenario, sound.sites, LIMITS).explore()
      if (failure !== undefined) {
        const told = tellSchedule(scenario, sound, schedule).join('\n')
        const again = `npm run model -- '${scenario.name}' --replay=${encodeSchedule(schedule)}`
        assert.unreachable(`${failure}\n${told}\n${again}`)
      }
      assert.ok(isExhausted, 'not all executions were explored')
    })
  }
}

/** Each mutant of the sources below `folder` as a test, which fails when the checker does not notice it. */
export function declareMutantTests(folder: string): void {
  const mutants = MUTANTS.filter(({ file }) => file.startsWith(folder))
  if (mutants.length === 0) throw new Error(`there is no mutant of ${folder}`)
  for (const mutant of mutants) {
    test(`killed: ${mutant.name}`, async () => {
      const { found, isExhausted } = await tryMutant(mutant, MUTANT_LIMITS)
      const reason = isExhausted ? 'finds nothing' : 'found nothing in its time'
      assert.ok(found !== undefined, `it survives: "${mutant.killer}" ${reason}`)
    })
  }
}
