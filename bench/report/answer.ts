// The two tables of a question: its answer, case by case, and how it stands to its targets.
import { kindOf } from '../contenders/index.js'
import type { Case, Column, Question, Target } from '../question.js'
import { figure, spread, times, withUnit } from './format.js'
import { middle, type Reading } from './reading.js'
import type { Table } from './table.js'

export function answerTable(question: Question, reading: Reading): Table {
  const { columns } = question
  const main = columns.find(({ key }) => key === question.main)!
  const isTime = main.unit === 'µs' || main.unit === 'ns'
  const againstPiscina = question.cases.some(({ threads }) => reading.bestPiscina(threads, main.key) !== undefined)
  const cases = question.cases.filter(({ name }) => reading.case(name) !== undefined)
  const head = [
    '',
    ...columns.map(({ head, unit }) => `${head}, ${unit}`),
    `spread of ${main.head}`,
    'limit, µs',
    ...(isTime ? [`${main.head} ÷ limit`] : []),
    ...(againstPiscina ? ['better than Piscina'] : []),
  ]
  const rows = cases.map((of) => [
    of.label + failed(of, reading),
    ...columns.map(({ key }) => figure(reading.median(of.name, key))),
    spread(reading.repeats(of.name, main.key)),
    figure(reading.median(of.name, 'limitUs')),
    ...(isTime ? [toLimit(of, main, reading)] : []),
    ...(againstPiscina ? [times(middle(reading.timesPiscina(of.name, of.threads, main.key, main.better)))] : []),
  ])
  const strong = new Set(cases.flatMap(({ contender }, i) => (kindOf(contender) === 'ours' ? [i] : [])))
  return { head, rows, strong }
}

function failed({ name }: Case, reading: Reading): string {
  const count = reading.case(name)?.failures.length ?? 0
  return count === 0 ? '' : ` (failed ${count} of ${reading.result.repeats} times)`
}

function toLimit({ name }: Case, { key, unit }: Column, reading: Reading): string {
  const limits = reading.ratio([name, key], [name, 'limitUs'])
  return times(middle(limits) / (unit === 'ns' ? 1000 : 1))
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
