/** npm run spin [-- --deep]: checks the Promela models, and that their mutants are found. README.md says what is in them. */
import { parseArgs } from 'node:util'
import { check } from './check.js'
import { missingPackage } from './verify.js'

const { values } = parseArgs({ options: { deep: { type: 'boolean', default: false } } })
const missing = await missingPackage()
if (missing !== undefined) {
  console.error(`${missing} is not installed. On Debian and its kin: apt-get install ${missing}`)
  process.exit(1)
}

const row = (...cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`)
row('model', 'configuration', 'mutant', 'verdict', 'states', 'depth', 'MB', 's')
row('---', '---', '---', '---', '--:', '--:', '--:', '--:')
let failed = 0
let count = 0
await check(values.deep, ({ configuration, mutant, fair, passed, error, states, depth, megabytes, seconds }) => {
  count++
  if (!passed) failed++
  const about = `${configuration.about}: ${configuration.defines.join(' ') || '-'}${fair ? ', <> over' : ''}`
  const verdict = mutant === undefined ? (passed ? 'holds' : `FAILS: ${error}`) : passed ? 'killed' : 'SURVIVES'
  row(
    configuration.model,
    about,
    mutant ?? '',
    verdict,
    `${states}`,
    `${depth}`,
    megabytes.toFixed(0),
    seconds.toFixed(1),
  )
})
console.log(`${count - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
