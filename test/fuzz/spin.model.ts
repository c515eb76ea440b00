import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { check, type Verdict } from '../../fuzz/spin/check.js'
import { CONFIGURATIONS } from '../../fuzz/spin/configurations.js'
import { missingPackage } from '../../fuzz/spin/verify.js'

const models = ['parking', 'claim', 'children'] as const
/** Switches of a model that a configuration gives a value, or that the check itself sets. */
const NO_MUTANTS = new Set(['LTL'])

test('each switch of a model is in a configuration, and each configuration turns a switch', () => {
  for (const model of models) {
    const path = fileURLToPath(new URL(`../../../fuzz/spin/${model}.pml`, import.meta.url))
    const text = readFileSync(path, 'utf8')
    const conditions = text.match(/^#(?:if|ifdef|ifndef|elif) .*$/gm) ?? []
    const switches = new Set(conditions.flatMap((line) => line.match(/\b[A-Z][A-Z_]+\b/g) ?? []))
    const own = CONFIGURATIONS.filter((configuration) => configuration.model === model)
    const used = new Set(own.flatMap(({ defines, mutants }) => [...defines, ...mutants]).map(nameOf))
    for (const name of used) assert.ok(switches.has(name), `${model}.pml has no switch ${name}`)
    for (const name of switches) {
      if (NO_MUTANTS.has(name) || new RegExp(`^#define ${name}\\b`, 'm').test(text)) continue // has a default, or is none
      assert.ok(used.has(name), `no configuration turns ${name} of ${model}.pml`)
    }
  }
})

function nameOf(define: string): string {
  return define.split('=')[0] as string
}

const missing = await missingPackage()
// .ci/run installs what is missing and requires it. Elsewhere nobody has to have a model checker.
const isWanted = missing === undefined || process.env.MAKEPARALLEL_SPIN === 'required'
const testWithSpin = isWanted ? test : test.skip

testWithSpin('the models of parking, claims and children hold, and each of their mutants is found', async () => {
  assert.is(missing, undefined, `${missing} is required here: apt-get install ${missing}`)
  const verdicts: Verdict[] = []
  await check(false, (verdict) => verdicts.push(verdict))
  const wrong = verdicts.filter(({ passed }) => !passed)
  assert.equal(
    wrong.map(({ configuration, mutant, error }) => [configuration.about, mutant ?? 'no mutant', error ?? 'survives']),
    [],
  )
  const expected = CONFIGURATIONS.filter(({ deep }) => !deep).flatMap(({ mutants }) => ['', ...mutants])
  assert.ok(verdicts.length >= expected.length, `${verdicts.length} of ${expected.length} runs`)
})

test.run()
