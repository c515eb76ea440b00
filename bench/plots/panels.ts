// Small multiples: the same contenders over the same steps, a panel for each kind or regime, on one logarithmic axis of
// time, so that panels can be compared.
import { card, dot, duration, line, logScale, MARGIN, round, text, WIDTH } from './svg.js'

export interface Series {
  readonly label: string
  /** A class of svg.ts, without `c-`. */
  readonly colour: 'ours' | 'a' | 'b' | 'c' | 'grey'
  /** µs for each step; NaN where it was not measured. */
  readonly values: readonly number[]
}

export interface Panels {
  readonly title: string
  readonly subtitle: string
  readonly steps: readonly string[]
  readonly panels: readonly { readonly title: string; readonly series: readonly Series[] }[]
}

const TOP = 152
const HEIGHT = 330
const AXIS = 64
const GAP = 28
const LETTER = 7.4 // mean width of one at 14 pixels, to set the legend

export function drawPanels({ title, subtitle, steps, panels }: Panels): string {
  const all = panels.flatMap(({ series }) => series.flatMap(({ values }) => values)).filter(Number.isFinite)
  const bottom = TOP + HEIGHT
  const scale = logScale(all, bottom, TOP)
  const width = (WIDTH - 2 * MARGIN - AXIS - GAP * (panels.length - 1)) / panels.length
  const body = legend(panels)
  for (const tick of scale.ticks) body.push(text(MARGIN + AXIS - 10, scale.at(tick) + 5, duration(tick), '', 'end'))
  panels.forEach((panel, i) => {
    const left = MARGIN + AXIS + i * (width + GAP)
    const x = (step: number): number => left + (width / steps.length) * (step + 0.5)
    for (const tick of scale.ticks) body.push(line('grid', left, scale.at(tick), left + width, scale.at(tick)))
    body.push(text(left, TOP - 14, panel.title, 'panel'))
    steps.forEach((step, at) => {
      body.push(text(x(at), bottom + 22, step, '', 'middle'))
    })
    for (const { label, colour, values } of [...panel.series].reverse()) {
      const points = values.flatMap((value, at) =>
        Number.isFinite(value)
          ? [{ x: x(at), y: scale.at(value), hint: `${label}, ${steps[at]}: ${duration(value)}` }]
          : [],
      )
      const path = points.map((point, at) => `${at === 0 ? 'M' : 'L'}${round(point.x)} ${round(point.y)}`).join('')
      if (points.length > 1) body.push(`<path class="line c-${colour}" d="${path}"/>`)
      for (const point of points)
        body.push(dot(`c-${colour}`, point.x, point.y, colour === 'ours' ? 5 : 3.5, point.hint))
    }
  })
  return card(bottom + 46, title, subtitle, body)
}

function legend(panels: Panels['panels']): string[] {
  const entries = new Map(panels.flatMap(({ series }) => series.map(({ label, colour }) => [label, colour] as const)))
  let x = MARGIN
  return [...entries].flatMap(([label, colour]) => {
    const at = x
    x += 24 + label.length * LETTER + 24
    return [dot(`c-${colour}`, at + 8, 97, 6, label), text(at + 24, 102, label, colour === 'ours' ? 'strong' : '')]
  })
}
