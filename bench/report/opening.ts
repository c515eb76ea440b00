// The table that BENCHMARKS.md opens with: one figure per question, in a newcomer's words.
import { OURS, PISCINA } from '../contenders/index.js'
import { findQuestion } from '../questions/index.js'
import type { Result } from '../result.js'
import { times, withUnit } from './format.js'
import { middle, Reading } from './reading.js'
import type { Table } from './table.js'

interface Line {
  readonly says: string
  readonly question: string
  readonly key: string
}

const LINES: readonly Line[] = [
  { says: 'One call, there and back', question: 'round-trip', key: 'p50Us' },
  { says: 'A thousand calls at once, each', question: 'in-flight', key: 'in1000Us' },
  { says: 'What a call keeps the caller', question: 'submission', key: 'p50Of1000Ns' },
  { says: 'Heap of a waiting call', question: 'growth', key: 'heapBytes' },
  { says: 'First result of a new pool', question: 'cold', key: 'firstMs' },
  { says: 'The call that wakes an idle pool', question: 'idle', key: 'wakeUs' },
  { says: 'An idle pool, of one core', question: 'idle', key: 'cpuPercent' },
  { says: 'A timer of 5 ms beside a flood of calls is late by', question: 'event-loop', key: 'flood1000P50Ms' },
]
const OTHERS = ['tinypool', 'post-message']

export function openingTable(results: ReadonlyMap<string, Result>): Table {
  const rows = LINES.map(({ says, question, key }) => {
    const result = results.get(question)
    const { unit, better, noise } = findQuestion(question).columns.find((column) => column.key === key)!
    if (result === undefined) return [says, '–', '–', '–', '–', '–']
    const reading = new Reading(result)
    const piscina = reading.bestPiscina(1, key, better) ?? `${PISCINA[0]}-1`
    const show = (name: string): string => withUnit(reading.median(name, key), unit)
    const ratio = noise !== undefined ? Number.NaN : middle(reading.timesPiscina(`${OURS}-1`, 1, key, better))
    return [says, `**${show(`${OURS}-1`)}**`, show(piscina), ...OTHERS.map((name) => show(`${name}-1`)), times(ratio)]
  })
  return {
    head: ['1 worker', 'makeparallel', 'Piscina', 'Tinypool', 'postMessage alone', 'better than Piscina'],
    rows,
  }
}
