import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { build, root, scenariosOf } from '../../fuzz/model/build.js'
import { MUTANTS } from '../../fuzz/model/mutants.js'

// The tables beside the checker are written by it; these say when that was forgotten.

/** The cells of each row below the head. */
function rowsOf(file: string): string[][] {
  const rows = readFileSync(join(root, 'fuzz/model', file), 'utf8').split('\n')
  const cells = rows.filter((row) => row.startsWith('| ')).map((row) => row.split(' | ').map((cell) => cell.trim()))
  return cells.slice(1).map(([mark = '', ...rest]) => [mark.replace('| ', ''), ...rest])
}

/** What is in one list and not in the other, so that a failure names it alone. */
function differences(listed: readonly string[], expected: readonly string[]): string[] {
  const stale = listed.filter((one) => !expected.includes(one)).map((one) => `too much: ${one}`)
  return [...stale, ...expected.filter((one) => !listed.includes(one)).map((one) => `missing: ${one}`)]
}

test('each mutant is listed as killed, by the configuration that it names', () => {
  const listed = rowsOf('mutants.md').map(([mark, name, killer]) => `${mark}: ${name}, by ${killer}`)
  const expected = MUTANTS.map(({ name, killer }) => `killed: ${name}, by ${killer}`)
  assert.equal(differences(listed, expected), [], 'npm run model -- --mutants NAME --write')
})

test('each configuration is listed, and none as one that has failed', async () => {
  const scenarios = (await scenariosOf(build())).filter(({ tier }) => tier !== 'planted')
  const rows = rowsOf('results.md')
  const listed = rows.map(([, name]) => name as string)
  const expected = scenarios.map(({ name }) => name)
  assert.equal(differences(listed, expected), [], 'npm run model -- NAME --write')
  const wrong = rows.filter(([mark]) => mark !== 'ok' && mark !== 'part')
  assert.equal(wrong, [])
})

test('only deep configurations are searched in part', async () => {
  const quick = (await scenariosOf(build())).filter(({ tier }) => tier === 'quick').map(({ name }) => name)
  const parts = rowsOf('results.md').filter(([mark]) => mark === 'part')
  assert.equal(
    parts.filter(([, name]) => quick.includes(name as string)),
    [],
  )
})

test.run()
