// What the terminal shows at the end: the table of times, a line per worker, and what the search found.
import { count, countOf, percent, seconds } from './format.js'
import { describeSetting, settings } from './grid.js'
import type { ParallelRun, SerialRun } from './run.js'
import type { Score } from './score.js'

export interface Measured {
  readonly serial: SerialRun
  readonly parallel: ParallelRun
  /** Whether both returned the same. */
  readonly equal: boolean
  /** Median of an empty call's round trip. */
  readonly dispatchUs: number
  readonly dispatchCalls: number
}

export function formatReport({ serial, parallel, equal, dispatchUs, dispatchCalls }: Measured): string {
  const { spans, workers } = parallel
  const runMs = spans.map((span) => span.runMs)
  const range = `${Math.min(...runMs).toFixed(0)} to ${Math.max(...runMs).toFixed(0)} ms each`
  return [
    table(
      ['', '', ''],
      [
        ['serial', seconds(serial.ms), 'on the main thread'],
        ['parallel', seconds(parallel.ms), `on ${countOf(workers.length, 'worker')}`],
        ['speed-up', `${(serial.ms / parallel.ms).toFixed(2)} ×`, ''],
        ['results', equal ? 'equal' : 'DIFFER', 'what the tasks of both runs returned'],
        ['tasks', count(spans.length), range],
        ['dispatch p50', `${dispatchUs.toFixed(1)} µs`, `awaited call of an empty task, ${count(dispatchCalls)} times`],
      ],
    ),
    table(
      ['worker', 'tasks', 'busy', 'steals', 'parks'],
      workers.map(({ worker, tasks, busyMs, steals, parks }) =>
        [worker, count(tasks), percent(busyMs / parallel.ms, 0), count(steals), count(parks)].map(String),
      ),
    ),
  ].join('\n\n')
}

export function formatFindings(ranking: readonly Score[]): string {
  const [best, worst] = [ranking[0]!, ranking.at(-1)!]
  const [hamAsHam, hamAsSpam, spamAsHam, spamAsSpam] = best.judgements
  return [
    `Best of ${ranking.length} settings: ${describeSetting(settings[best.setting]!)}.`,
    `  accuracy ${percent(best.accuracy)}, precision ${percent(best.precision)}, recall ${percent(best.recall)}` +
      `; the worst setting: accuracy ${percent(worst.accuracy)}`,
    '',
    table(
      ['', 'judged ham', 'judged spam'],
      [
        ['ham', count(hamAsHam), count(hamAsSpam)],
        ['spam', count(spamAsHam), count(spamAsSpam)],
      ],
    ),
  ].join('\n')
}

/** Columns as wide as their widest cell: the first and a last one of prose to the left, numbers to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const named = head.some((cell) => cell !== '')
  const lines = named ? [head, ...rows] : rows
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  const isProse = (column: number) => column === 0 || (!named && column === head.length - 1)
  return lines
    .map((line) =>
      line.map((cell, column) => (isProse(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))),
    )
    .map((cells) => `  ${cells.join('   ')}`.trimEnd())
    .join('\n')
}
