// node build/bench/report.js: makes the tables of BENCHMARKS.md, its pictures, and the row in README.md from
// bench/results. `npm run bench` does it at its end.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { drawPlot, PLOT_NAMES, plotFile } from './plots/index.js'
import { questions } from './questions/index.js'
import { render, renderRow } from './report/document.js'
import { type Result, readResult } from './result.js'

const root = new URL('../../', import.meta.url)
const BENCHMARKS = new URL('BENCHMARKS.md', root)
const README = new URL('README.md', root)

export function readResults(): Map<string, Result> {
  const results = questions.map(({ name }) => [name, readResult(name)] as const)
  return new Map(results.filter((entry): entry is [string, Result] => entry[1] !== undefined))
}

/** Whether a file has changed. */
export function writeReport(): boolean {
  const results = readResults()
  const benchmarks = rewrite(BENCHMARKS, (text) => render(text, results))
  const readme = rewrite(README, (text) => renderRow(text, results))
  const plots = [...PLOT_NAMES.keys()].map((name) =>
    rewrite(new URL(plotFile(name), root), () => drawPlot(name, results)),
  )
  return benchmarks || readme || plots.includes(true)
}

function rewrite(file: URL, change: (text: string) => string): boolean {
  mkdirSync(new URL('.', file), { recursive: true })
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const after = change(before)
  if (after !== before) writeFileSync(file, after)
  return after !== before
}

if (process.argv[1] === import.meta.filename) {
  console.log(
    writeReport()
      ? 'BENCHMARKS.md, its pictures and README.md are written anew'
      : 'BENCHMARKS.md, its pictures and README.md are as the results are',
  )
}
