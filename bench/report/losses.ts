// Where we lose: each figure that another contender with as many threads does better, and each target that is missed.
import { kindOf, labelOf } from '../contenders/index.js'
import type { Case, Column, Question } from '../question.js'
import { boundOf, isMet } from './answer.js'
import { withUnit } from './format.js'
import { middle, type Reading } from './reading.js'

const TIE = 1.05 // less is noise, where a column does not say otherwise

interface Answered {
  readonly question: Question
  readonly reading: Reading
}

export function lossList(answered: readonly Answered[]): string {
  const lines = answered.flatMap(({ question, reading }) =>
    question.cases
      .filter(({ contender }) => kindOf(contender) === 'ours')
      .flatMap((ours) => question.columns.flatMap((column) => lossesOf(question, reading, ours, column))),
  )
  return lines.length === 0 ? 'None.' : lines.join('\n')
}

function lossesOf(question: Question, reading: Reading, ours: Case, column: Column): string[] {
  const { key, better, unit, noise } = column
  if (better === undefined) return []
  const own = reading.median(ours.name, key)
  const isBetter = (value: number): boolean => {
    const [most, least] = better === 'less' ? [own, value] : [value, own]
    return noise === undefined ? most > least * TIE : most > least + noise
  }
  const winners = question.cases
    .filter((of) => kindOf(of.contender) === 'peer' && of.threads === ours.threads && of.group === ours.group)
    .map((of) => ({ of, value: reading.median(of.name, key) }))
    .filter(({ value }) => isBetter(value))
    .map(({ of, value }) => `${labelOf(of.contender)} ${withUnit(value, unit)}`)
  if (winners.length === 0) return []
  const workers = ours.threads === 0 ? undefined : `${ours.threads} worker${ours.threads === 1 ? '' : 's'}`
  const what = [question.title, ours.group, column.head, workers].filter((part) => part !== undefined).join(', ')
  return [`- **${what}**: ${winners.join(', ')}; makeparallel ${withUnit(own, unit)}.`]
}

export function missList(answered: readonly Answered[]): string {
  const judged = answered.flatMap(({ question, reading }) =>
    question.targets.map((target) => ({ question, target, value: middle(target.reached(reading)) })),
  )
  const missed = judged.filter(({ target, value }) => isMet(target, value) === false)
  const lines = missed.map(
    ({ question, target, value }) =>
      `- **${question.title}**: ${target.what} is ${withUnit(value, target.unit)}, wanted ${boundOf(target)}.`,
  )
  const sum = `${judged.length - missed.length} of ${judged.length} targets are met.`
  return lines.length === 0 ? sum : `${sum} Missed:\n\n${lines.join('\n')}`
}
