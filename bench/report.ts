// node build/bench/report.js: makes the tables of BENCHMARKS.md from bench/results. `npm run bench` does it at its end.
import { readFileSync, writeFileSync } from 'node:fs'
import { questions } from './questions/index.js'
import { render } from './report/document.js'
import { type Result, readResult } from './result.js'

const BENCHMARKS = new URL('../../BENCHMARKS.md', import.meta.url)

export function readResults(): Map<string, Result> {
  const results = questions.map(({ name }) => [name, readResult(name)] as const)
  return new Map(results.filter((entry): entry is [string, Result] => entry[1] !== undefined))
}

/** Whether the file has changed. */
export function writeReport(): boolean {
  const before = readFileSync(BENCHMARKS, 'utf8')
  const after = render(before, readResults())
  if (after !== before) writeFileSync(BENCHMARKS, after)
  return after !== before
}

if (process.argv[1] === import.meta.filename) {
  console.log(writeReport() ? 'BENCHMARKS.md is written anew' : 'BENCHMARKS.md is as the results are')
}
