import { readdirSync, readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { test } from 'uvu'
import { anyCase, fromJson, playCase } from '../../fuzz/commands/pool.js'
import { holdsAsync } from '../support/arbitrary-values.js'

// Whatever is done to a pool, each call settles exactly once, with its own value or a reason for having none, and no task runs
// twice.

const CORPUS = new URL('../../../fuzz/corpus/', import.meta.url)

test('every call settles exactly once with the right outcome, whatever is done to the pool', () =>
  holdsAsync(fc.asyncProperty(anyCase, playCase), 25))

for (const file of readdirSync(CORPUS).filter((name) => /^pool-.*\.json$/.test(name))) {
  test(`it holds for what was a counterexample once: ${file}`, () =>
    playCase(fromJson(readFileSync(new URL(file, CORPUS), 'utf8'))))
}

test.run()
