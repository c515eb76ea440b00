/** The quick configurations as tests: one each, of those whose names begin with `prefixes`. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { build, scenariosOf } from './build.js'
import { Explorer } from './explorer.js'
import { encodeSchedule, tellSchedule } from './trace.js'

const LIMITS = { states: 5_000_000, seconds: 110 }

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
