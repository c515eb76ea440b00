// A call after a pause, by the number of workers: a panel for each regime.
import { labelOf } from '../contenders/index.js'
import { findQuestion } from '../questions/index.js'
import { Reading } from '../report/reading.js'
import type { Result } from '../result.js'
import { drawPanels, type Series } from './panels.js'

const REGIMES = [
  { title: 'hot: right after the last', of: (reading: Reading, name: string) => reading.median(name, 'hotP50Us') },
  { title: 'searching: after 20 µs', of: (reading: Reading, name: string) => reading.median(name, 'searchingP50Us') },
  { title: 'parked: after 20 ms', of: (reading: Reading, name: string) => reading.median(name, 'parkedP50Us') },
  {
    title: 'cold: the first of a new pool',
    of: (reading: Reading, name: string) => reading.median(name, 'coldMs') * 1000,
  },
]
const COLOURS: readonly Series['colour'][] = ['ours', 'a', 'b', 'c', 'grey']

export function drawRegimes(results: ReadonlyMap<string, Result>): string | undefined {
  const result = results.get('regimes')
  if (result === undefined) return undefined
  const { cases } = findQuestion('regimes')
  const reading = new Reading(result)
  const contenders = [...new Set(cases.map(({ contender }) => contender))]
  const counts = [...new Set(cases.map(({ threads }) => threads))]
  const { cores } = result.machine
  return drawPanels({
    title: 'A call after a pause, with 1 to 32 workers',
    subtitle: `Median time of a single call on ${cores} cores; steps are the number of workers, the axis of time is logarithmic`,
    steps: counts.map(String),
    panels: REGIMES.map(({ title, of }) => ({
      title,
      series: contenders.map((contender, i) => ({
        label: labelOf(contender),
        colour: COLOURS[i] ?? 'grey',
        values: counts.map((threads) => of(reading, `${contender}-${threads}`)),
      })),
    })),
  })
}
