// npm run bench:gate: fails on a real regression, not on noise. It compares only what was measured in the same minute,
// against bounds that lie far below the targets, and measures again what failed, twice, before it believes it.
import type { Case } from './question.js'
import { gate } from './questions/gate.js'
import { repeat } from './repeats.js'
import { boundOf, isMet } from './report/answer.js'
import { spread, withUnit } from './report/format.js'
import { middle, Reading } from './report/reading.js'
import { bold, dim, green, red, toTerminal } from './report/table.js'

const ROUNDS = 5
const ATTEMPTS = 3
const EFFORT = 0.5

const startedAt = performance.now()
console.log(`${bold('The gate')}  ${dim(gate.asks)}`)

const cases: readonly Case[] = gate.cases.filter(({ name }) => name !== 'piscina-2')
let failed = true
for (let attempt = 1; attempt <= ATTEMPTS && failed; attempt++) {
  const result = await repeat(gate, { repeats: ROUNDS, effort: EFFORT, cases })
  const reading = new Reading(result)
  const checks = gate.targets.map((target) => {
    const values = target.reached(reading)
    return { target, values, value: middle(values), passed: isMet(target, middle(values)) === true }
  })
  failed = checks.some(({ passed }) => !passed)

  const rows = checks.map(({ target, values, value, passed }) => [
    target.what,
    boundOf(target),
    withUnit(value, target.unit),
    spread(values),
    passed ? 'ok' : 'FAIL',
  ])
  const table = toTerminal({ head: ['', 'bound', 'median', `spread of ${ROUNDS} rounds`, ''], rows })
  console.log(`\n${table.replace(/ ok$/gm, green(' ok')).replace(/ FAIL$/gm, red(' FAIL'))}`)
  for (const { name, failures } of result.cases)
    for (const failure of new Set(failures)) console.log(red(`  ${name}: ${failure}`))

  const limit = middle(reading.repeats('makeparallel-1', 'limitUs'))
  console.log(
    dim(`\n  the limit: ${withUnit(limit, 'µs')}; ${((performance.now() - startedAt) / 1000).toFixed(0)} s so far`),
  )
  if (failed && attempt < ATTEMPTS) console.log(`  measured again, ${attempt} of ${ATTEMPTS - 1}`)
}

console.log(
  failed ? red('\nThe dispatch has become slower: see the checks that failed.') : green('\nAs fast as it should be.'),
)
process.exitCode = failed ? 1 : 0
