// node case-main.js QUESTION CASE EFFORT: measures one case between two measurements of the limit. See case-process.ts.
import type { CaseReport } from './case-process.js'
import { measureLimit } from './limit.js'
import { findQuestion } from './questions/index.js'

const LIMIT_BUDGET_MS = 60

async function measure(questionName: string, caseName: string, effort: number): Promise<CaseReport> {
  const question = findQuestion(questionName)
  const of = question.cases.find(({ name }) => name === caseName)
  if (of === undefined) throw new Error(`${questionName} has no case ${caseName}`)
  const before = await measureLimit(LIMIT_BUDGET_MS)
  const figures = await question.measure(of, effort)
  const after = await measureLimit(LIMIT_BUDGET_MS)
  const limit = {
    limitUs: (before.us + after.us) / 2,
    limitBeforeUs: before.us,
    limitAfterUs: after.us,
    stolenPercent: Math.max(before.stolenPercent, after.stolenPercent),
  }
  return { figures: { ...figures, ...limit } }
}

/** It may be committed with the results: files are named from the top of the repository. */
function withoutPaths(text: string): string {
  const top = new URL('../..', import.meta.url)
  return text.replaceAll(top.href, '').replaceAll(top.pathname, '')
}

const [question = '', name = '', effort = '1'] = process.argv.slice(2)
const report = await measure(question, name, Number(effort)).catch(
  (error: unknown): CaseReport => ({
    error: withoutPaths(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  }),
)
// A contender that cannot be closed must not keep the process.
process.send!(report, undefined, undefined, () => process.exit('error' in report ? 1 : 0))
