// npm run bench -- [NAME…] [--quick] [--repeats=5] [--only=CONTENDER,…] [--list]
//
// Measures the named questions, or all, and writes bench/results/NAME.json and the tables of BENCHMARKS.md. --quick has
// one short repeat, --only leaves out the other contenders; neither writes anything, nor does what was measured of another
// library than the one that users install.
import { parseArgs } from 'node:util'
import { startProgress } from './progress.js'
import type { Question } from './question.js'
import { findQuestion, questions } from './questions/index.js'
import { type RepeatOptions, repeat } from './repeats.js'
import { answerTable, targetTable } from './report/answer.js'
import { Reading } from './report/reading.js'
import { bold, dim, green, red, toTerminal } from './report/table.js'
import { writeReport } from './report.js'
import { type Result, writeResult } from './result.js'

const QUICK = { repeats: 1, effort: 0.2 }
const FULL = { repeats: 5, effort: 1 }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    repeats: { type: 'string' },
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
})
const preset = values.quick ? QUICK : FULL
const options = { ...preset, repeats: Number(values.repeats ?? preset.repeats) }
if (!Number.isInteger(options.repeats) || options.repeats < 1)
  throw new Error('--repeats must be an integer, 1 or more')
const isAltered = process.env.BENCH_SLOWDOWN_US !== undefined || process.env.BENCH_LIBRARY !== undefined
const writes = !values.quick && values.only === undefined && !isAltered

function print(question: Question, result: Result): void {
  const reading = new Reading(result)
  console.log(`\n${bold(question.title)}  ${dim(question.asks.replaceAll('`', ''))}\n`)
  console.log(toTerminal(answerTable(question, reading)))
  if (question.targets.length > 0) {
    const verdicts = toTerminal(targetTable(question, reading)).replaceAll('**', '')
    console.log(`\n${verdicts.replace(/ yes$/gm, green(' yes')).replace(/ no$/gm, red(' no'))}`)
  }
  for (const { name, failures } of result.cases) {
    for (const failure of new Set(failures)) console.log(red(`\n  ${name} failed: ${failure}`))
  }
  const sentence = question.means(reading)
  if (writes && !sentence.includes('–')) console.log(`\n  ${sentence}`)
}

async function measure(question: Question): Promise<Result> {
  const only = values.only?.split(',')
  const cases = question.cases.filter(({ contender }) => only === undefined || only.includes(contender))
  const repeats = Math.min(options.repeats, question.mostRepeats ?? options.repeats)
  const progress = startProgress(cases.length * repeats)
  const onCase: RepeatOptions['onCase'] = ({ name }, round) =>
    progress.show(`${question.name}: ${name}, repeat ${round + 1} of ${repeats}`)
  try {
    return await repeat(question, { ...options, repeats, cases, onCase })
  } finally {
    progress.clear()
  }
}

if (values.list) {
  for (const { name, asks } of questions) console.log(`${name.padEnd(14)}${dim(asks)}`)
} else {
  const chosen = positionals.length === 0 ? questions : positionals.map(findQuestion)
  for (const question of chosen) {
    const result = await measure(question)
    if (result.cases.length === 0) continue // --only names a contender that is not in it
    print(question, result)
    if (writes) writeResult(result)
    if (result.cases.some(({ failures }) => failures.length > 0)) process.exitCode = 1
  }
  if (writes) {
    writeReport()
    console.log(`\n${dim('Written: bench/results and the tables of BENCHMARKS.md')}`)
  }
}
