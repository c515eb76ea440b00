// The picture that BENCHMARKS.md opens with: a row per contender, a dot at what a call takes, on a logarithmic axis. Dots
// and not bars: a bar's length says how many times, and on this axis it would lie.
import { labelOf, OURS, POOLS } from '../contenders/index.js'
import { times } from '../report/format.js'
import { middle, Reading } from '../report/reading.js'
import type { Result } from '../result.js'
import { card, dot, duration, line, logScale, MARGIN, text, WIDTH } from './svg.js'

const PANELS = [
  { question: 'round-trip', key: 'p50Us', title: 'One call, there and back' },
  { question: 'in-flight', key: 'in1000Us', title: 'A thousand calls at once, each' },
]
const SHOWN = POOLS.filter((name) => name !== 'piscina-16' && name !== 'piscina-async')
const ROW = 30
const TOP = 130
const LABELS = 140
const GAP = 60
const PANEL_WIDTH = (WIDTH - 2 * MARGIN - LABELS - GAP) / PANELS.length
const FIGURE = 74 // right of the last dot

interface Row {
  readonly name: string
  readonly label: string
  readonly values: readonly number[]
}

export function drawOpening(results: ReadonlyMap<string, Result>): string | undefined {
  const readings = PANELS.map(({ question }) => results.get(question)).map((result) => result && new Reading(result))
  const [first, second] = readings
  if (first === undefined || second === undefined) return undefined
  const rows = rowsOf([first, second])
  const bottom = TOP + ROW * rows.length
  const ours = rows.find(({ name }) => name === OURS)!
  const ratio = times(middle(first.timesPiscina(`${OURS}-1`, 1, 'p50Us')))
  const { cpu, cores, node } = first.result.machine
  const body = rows.map(({ name, label }, row) =>
    text(MARGIN + LABELS - 14, TOP + ROW * (row + 0.5) + 5, label, name === OURS ? 'strong' : '', 'end'),
  )
  ;[first, second].forEach((reading, panel) => {
    const left = MARGIN + LABELS + panel * (PANEL_WIDTH + GAP)
    const values = rows.map((row) => row.values[panel]!).filter(Number.isFinite)
    const limit = reading.median(`${OURS}-1`, 'limitUs')
    const scale = logScale([...values, ...(Number.isFinite(limit) ? [limit] : [])], left, left + PANEL_WIDTH - FIGURE)
    body.push(text(left, TOP - 20, PANELS[panel]!.title, 'panel'))
    for (const tick of scale.ticks) {
      body.push(line('grid', scale.at(tick), TOP, scale.at(tick), bottom))
      body.push(text(scale.at(tick), bottom + 22, duration(tick), '', 'middle'))
    }
    if (Number.isFinite(limit)) {
      body.push(line('limit', scale.at(limit), TOP, scale.at(limit), bottom))
      body.push(text(scale.at(limit) - 20, bottom + 42, 'the limit: two threads that spin', 'limit-label'))
    }
    rows.forEach(({ name, label, values }, row) => {
      const value = values[panel]!
      if (!Number.isFinite(value)) return
      const y = TOP + ROW * (row + 0.5)
      const colour = name === OURS ? 'c-ours' : 'c-grey'
      body.push(dot(colour, scale.at(value), y, name === OURS ? 8 : 6, `${label}: ${duration(value)}`))
      body.push(text(scale.at(value) + 14, y + 5, duration(value), name === OURS ? 'strong' : ''))
    })
  })
  return card(
    bottom + 64,
    `A call to another core and back in ${duration(ours.values[0]!)}: ${ratio} faster than Piscina`,
    `Medians with one hot worker on ${cores} cores of ${cpu}, Node ${node.slice(1)}. Each grid line is ten times the one before.`,
    body,
  )
}

/** Fastest first; the best Piscina for all of them. */
function rowsOf(readings: readonly Reading[]): Row[] {
  const rows = SHOWN.map((name) => ({
    name,
    label: labelOf(name),
    values: readings.map((reading, panel) => {
      const { key } = PANELS[panel]!
      return reading.median(name === 'piscina' ? (reading.bestPiscina(1, key) ?? '') : `${name}-1`, key)
    }),
  }))
  return rows
    .filter(({ values }) => values.some(Number.isFinite))
    .sort((a, b) => (a.values[0] ?? Number.POSITIVE_INFINITY) - (b.values[0] ?? Number.POSITIVE_INFINITY))
}
