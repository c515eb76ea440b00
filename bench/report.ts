// node build/bench/report.js: makes the tables of BENCHMARKS.md, and the row in README.md, from bench/results. `npm run
// bench` does it at its end.
import { readFileSync, writeFileSync } from 'node:fs'
import { questions } from './questions/index.js'
import { render, renderRow } from './report/document.js'
import { type Result, readResult } from './result.js'

const BENCHMARKS = new URL('../../BENCHMARKS.md', import.meta.url)
const README = new URL('../../README.md', import.meta.url)

export function readResults(): Map<string, Result> {
  const results = questions.map(({ name }) => [name, readResult(name)] as const)
  return new Map(results.filter((entry): entry is [string, Result] => entry[1] !== undefined))
}

/** Whether a file has changed. */
export function writeReport(): boolean {
  const results = readResults()
  const benchmarks = rewrite(BENCHMARKS, (text) => render(text, results))
  const readme = rewrite(README, (text) => renderRow(text, results))
  return benchmarks || readme
}

function rewrite(file: URL, change: (text: string) => string): boolean {
  const before = readFileSync(file, 'utf8')
  const after = change(before)
  if (after !== before) writeFileSync(file, after)
  return after !== before
}

if (process.argv[1] === import.meta.filename) {
  console.log(
    writeReport()
      ? 'BENCHMARKS.md and README.md are written anew'
      : 'BENCHMARKS.md and README.md are as the results are',
  )
}
