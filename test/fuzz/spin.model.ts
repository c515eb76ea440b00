import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { check, type Verdict } from '../../fuzz/spin/check.js'
import { missingPackage } from '../../fuzz/spin/verify.js'

const missing = await missingPackage()

if (missing !== undefined && process.env['MAKEPARALLEL_SPIN'] !== 'required') {
  // .ci/run installs what is missing and requires it. Elsewhere nobody has to have a model checker.
  console.log(`not checked: ${missing} is not installed (apt-get install ${missing})`)
  test('the models are not checked without spin and gcc, and this says so', () => assert.type(missing, 'string'))
} else {
  test('the models of parking, claims and children hold, and each of their mutants is found', async () => {
    assert.is(missing, undefined, `${missing} is required here: apt-get install ${missing}`)
    const verdicts: Verdict[] = []
    await check(false, (verdict) => verdicts.push(verdict))
    const wrong = verdicts.filter(({ passed }) => !passed)
    assert.equal(
      wrong.map(({ configuration, mutant, error }) => [
        configuration.about,
        mutant ?? 'no mutant',
        error ?? 'survives',
      ]),
      [],
    )
    assert.ok(verdicts.length > 40, `${verdicts.length} runs`)
  })
}

test.run()
