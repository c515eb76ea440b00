// What a value costs there and back, by its size: a panel for each kind.
import { findQuestion } from '../questions/index.js'
import { Reading } from '../report/reading.js'
import type { Result } from '../result.js'
import { drawPanels, type Series } from './panels.js'

const COLOURS: Readonly<Record<string, Series['colour']>> = {
  makeparallel: 'ours',
  piscina: 'a',
  tinypool: 'b',
  'post-message': 'c',
}

export function drawPayload(results: ReadonlyMap<string, Result>): string | undefined {
  const result = results.get('payload')
  if (result === undefined) return undefined
  const { cases, columns } = findQuestion('payload')
  const reading = new Reading(result)
  const kinds = [...new Set(cases.map(({ group }) => group!))]
  return drawPanels({
    title: 'What a value costs, there and back',
    subtitle:
      'Median time of a call that returns what it is given, one at a time, by size (K and M are KiB and MiB); both axes are logarithmic',
    steps: columns.map(({ head }) => head.replace(/ ([KM])iB/, '$1')),
    panels: kinds.map((kind) => ({
      title: kind,
      series: cases
        .filter(({ group }) => group === kind)
        .map(({ name, contender, label }) => ({
          label: label.replace(`${kind}: `, ''),
          colour: COLOURS[contender] ?? 'grey',
          values: columns.map(({ key }) => reading.median(name, key)),
        })),
    })),
  })
}
