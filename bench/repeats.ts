// All cases of a question, several times, interleaved: what changes on the machine meanwhile meets every contender.
import { runCase } from './case-process.js'
import { describeMachine, describePackages } from './machine.js'
import type { Case, Figures, Question } from './question.js'
import { type Result, summarise } from './result.js'

export interface RepeatOptions {
  readonly repeats: number
  readonly effort: number
  /** Default: all. */
  readonly cases?: readonly Case[]
  readonly onCase?: (of: Case, repeat: number) => void
  /** No repeat but the first begins after that, by `performance.now()`: on a crowded machine each takes longer. */
  readonly lastStart?: number
}

export async function repeat(question: Question, options: RepeatOptions): Promise<Result> {
  const { repeats, effort, cases = question.cases, onCase, lastStart = Number.POSITIVE_INFINITY } = options
  const runs = new Map<string, (Figures | undefined)[]>(cases.map(({ name }) => [name, []]))
  const failures = new Map<string, string[]>(cases.map(({ name }) => [name, []]))
  let round = 0
  for (; round < repeats && (round === 0 || performance.now() < lastStart); round++) {
    // There and back: none is always first, and neighbours stay neighbours.
    for (const of of round % 2 === 0 ? cases : [...cases].reverse()) {
      onCase?.(of, round)
      const report = await runCase(question.name, of, effort)
      runs.get(of.name)!.push('figures' in report ? report.figures : undefined)
      if ('error' in report) failures.get(of.name)!.push(report.error)
    }
  }
  return {
    question: question.name,
    command: `npm run bench -- ${question.name}`,
    machine: describeMachine(),
    packages: describePackages(),
    repeats: round,
    cases: cases.map(({ name }) => summarise(name, runs.get(name)!, failures.get(name)!)),
  }
}
