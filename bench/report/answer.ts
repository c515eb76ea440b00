// The two tables of a question: its answer, case by case, and how it stands to its targets.
import { kindOf } from '../contenders/index.js'
import type { Case, Column, Question, Target } from '../question.js'
import { figure, spread, times, withUnit } from './format.js'
import { middle, type Reading } from './reading.js'
import type { Table } from './table.js'

export function answerTable(question: Question, reading: Reading): Table {
  const { columns } = question
  const main = columns.find(({ key }) => key === question.main)!
  const oneUnit = columns.every(({ unit }) => unit === main.unit)
  const cases = question.cases.filter(({ name }) => reading.case(name) !== undefined)
  const hasThreads = cases.some(({ threads }) => threads > 0)
  const head = [
    oneUnit ? main.unit : '',
    ...(hasThreads ? ['threads'] : []),
    ...columns.flatMap(({ key, head, unit }) => [
      oneUnit ? head : `${head}, ${unit}`,
      ...(key === main.key ? ['least–most'] : []),
    ]),
    ...ratioHeads(question, main, reading),
    'limit, µs',
  ]
  const rows = cases.map((of) => [
    of.label + failed(of, reading),
    ...(hasThreads ? [of.threads === 0 ? '' : String(of.threads)] : []),
    ...columns.flatMap(({ key }) => [
      figure(reading.median(of.name, key)),
      ...(key === main.key ? [spread(reading.repeats(of.name, key))] : []),
    ]),
    ...ratioHeads(question, main, reading).map((head) => times(middle(ratioTo(head, of, main, reading)))),
    figure(reading.median(of.name, 'limitUs')),
  ])
  const strong = new Set(cases.flatMap(({ contender }, i) => (kindOf(contender) === 'ours' ? [i] : [])))
  return { head, rows, strong }
}

/** Two ratios of the main column, where they say something. */
const TO_LIMIT = 'to the limit'
const TO_PISCINA = 'to Piscina'

function ratioHeads({ cases }: Question, { key, unit, noise }: Column, reading: Reading): string[] {
  const isTime = unit === 'µs' || unit === 'ns'
  const hasPiscina = cases.some(({ threads }) => reading.bestPiscina(threads, key) !== undefined)
  return [...(isTime ? [TO_LIMIT] : []), ...(hasPiscina && noise === undefined ? [TO_PISCINA] : [])]
}

function ratioTo(head: string, { name, threads }: Case, { key, unit, better }: Column, reading: Reading): number[] {
  if (head === TO_PISCINA) return reading.timesPiscina(name, threads, key, better)
  return reading.ratio([name, key], [name, 'limitUs']).map((ratio) => (unit === 'ns' ? ratio / 1000 : ratio))
}

function failed({ name }: Case, reading: Reading): string {
  const count = reading.case(name)?.failures.length ?? 0
  return count === 0 ? '' : ` (failed ${count} of ${reading.result.repeats} times)`
}

/** undefined while there is nothing to judge. */
export function isMet(target: Target, value: number): boolean | undefined {
  if (!Number.isFinite(value)) return undefined
  return value <= (target.atMost ?? Number.POSITIVE_INFINITY) && value >= (target.atLeast ?? Number.NEGATIVE_INFINITY)
}

export const boundOf = ({ atMost, atLeast, unit }: Target): string =>
  atMost === undefined ? `≥ ${bound(atLeast!, unit)}` : `≤ ${bound(atMost, unit)}`

const bound = (value: number, unit: Target['unit']): string =>
  unit === '×' || unit === '/s' ? `${value}${unit}` : `${value} ${unit}`

const VERDICTS = { true: 'yes', false: '**no**', undefined: '–' }

export function targetTable({ targets }: Question, reading: Reading): Table {
  return {
    head: ['target', 'wanted', 'reached', 'spread', 'met'],
    rows: targets.map((target) => {
      const values = target.reached(reading)
      const value = middle(values)
      return [
        target.what,
        boundOf(target),
        withUnit(value, target.unit),
        spread(values),
        VERDICTS[`${isMet(target, value)}`],
      ]
    }),
  }
}
