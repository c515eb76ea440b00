// Draws who did what when, as an SVG that needs nothing else: a row per worker, a rectangle per task, a time axis.
// It brings its own background and follows the reader's light or dark theme.

export interface Timeline {
  readonly title: string
  readonly subtitle: string
  readonly endMs: number
  readonly rows: readonly { readonly label: string; readonly note: string }[]
  readonly bars: readonly Bar[]
  readonly legend: readonly { readonly label: string; readonly swatches: readonly Swatch[] }[]
}

export interface Bar {
  /** Place in `rows`. */
  readonly row: number
  readonly startMs: number
  readonly runMs: number
  readonly colour: string
  /** Shown while the pointer rests on it. */
  readonly hint: string
}

export interface Swatch {
  readonly label: string
  readonly colour: string
}

const WIDTH = 1200
const MARGIN = 32
const LABELS = 88 // left of the plot
const NOTES = 176 // right of it
const PLOT = { left: MARGIN + LABELS, right: WIDTH - MARGIN - NOTES, top: 104 }
const PLOT_WIDTH = PLOT.right - PLOT.left
const LETTER = 6.3 // mean width of one at 13 pixels, to set the legend

const STYLE = `
    text { font: 13px ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; fill: #57606a }
    .title { font-size: 22px; font-weight: 600; fill: #1f2328 }
    .subtitle { font-size: 15px }
    .label { font-size: 14px; fill: #1f2328 }
    .card { fill: #ffffff; stroke: #d0d7de }
    .idle { fill: #eef1f4 }
    .grid { stroke: #d0d7de; stroke-dasharray: 2 3 }
    @media (prefers-color-scheme: dark) {
      text { fill: #9198a1 }
      .title, .label { fill: #f0f6fc }
      .card { fill: #0d1117; stroke: #30363d }
      .idle { fill: #1b222b }
      .grid { stroke: #3d444d }
    }
  `

export function drawTimeline({ title, subtitle, endMs, rows, bars, legend }: Timeline): string {
  const pitch = Math.max(14, Math.min(64, 640 / rows.length))
  const height = Math.round(pitch * 0.78)
  const bottom = PLOT.top + pitch * rows.length
  const total = bottom + 92
  const x = (ms: number) => PLOT.left + (ms / endMs) * PLOT_WIDTH
  const y = (row: number) => PLOT.top + pitch * row

  const ticks = tickTimes(endMs).flatMap((ms) => [
    `<line class="grid" x1="${fixed(x(ms))}" x2="${fixed(x(ms))}" y1="${PLOT.top - 8}" y2="${fixed(bottom)}"/>`,
    text(x(ms), bottom + 20, `${ms.toLocaleString('en')} ms`, 'text-anchor="middle"'),
  ])
  const tracks = rows.flatMap(({ label, note }, row) => {
    const middle = y(row) + height / 2 + 5
    return [
      `<path class="idle" d="M${PLOT.left} ${fixed(y(row))}h${PLOT_WIDTH}v${height}h${-PLOT_WIDTH}z"/>`,
      text(PLOT.left - 14, middle, label, 'class="label" text-anchor="end"'),
      text(PLOT.right + 14, middle, note),
    ]
  })
  const tasks = bars.map(({ row, startMs, runMs, colour, hint }) => {
    const width = Math.max(0.6, x(startMs + runMs) - x(startMs) - 0.7) // a hair of ground between neighbours
    const place = `x="${fixed(x(startMs))}" y="${fixed(y(row))}" width="${fixed(width)}" height="${height}"`
    return `<rect ${place} fill="${colour}"><title>${escaped(hint)}</title></rect>`
  })

  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${fixed(total)}" role="img" aria-label="${escaped(title)}">
  <style>${STYLE}</style>
  <path class="card" d="${roundedFrame(WIDTH, total, 12)}"/>
  ${text(MARGIN, 46, title, 'class="title"')}
  ${text(MARGIN, 72, subtitle, 'class="subtitle"')}
  ${[...tracks, ...ticks, ...tasks, ...drawLegend(legend, bottom + 62)].join('\n  ')}
</svg>
`
}

/** Groups of swatches on one line, each after its label. */
function drawLegend(legend: Timeline['legend'], baseline: number): string[] {
  let x = MARGIN
  return legend.flatMap(({ label, swatches }) => {
    const parts = [text(x, baseline, label)]
    x += label.length * LETTER + 10
    for (const swatch of swatches) {
      parts.push(`<path fill="${swatch.colour}" d="M${fixed(x)} ${fixed(baseline - 11)}h13v13h-13z"/>`)
      parts.push(text(x + 18, baseline, swatch.label))
      x += 18 + swatch.label.length * LETTER + 12
    }
    x += 22
    return parts
  })
}

/** Round times at which the axis is marked, at most ten of them: a step of 1, 2 or 5 times a power of ten. */
export function tickTimes(endMs: number): number[] {
  const decade = 10 ** Math.floor(Math.log10(endMs / 10))
  const step = [1, 2, 5, 10].map((factor) => factor * decade).find((candidate) => endMs / candidate <= 10)!
  return Array.from({ length: Math.floor(endMs / step) + 1 }, (_, i) => Number((i * step).toPrecision(12)))
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}" ${attributes}>${escaped(content)}</text>`
}

function roundedFrame(width: number, height: number, radius: number): string {
  const [w, h, r] = [width - 1 - 2 * radius, height - 1 - 2 * radius, radius]
  const corner = (dx: number, dy: number) => `a${r} ${r} 0 0 1 ${dx} ${dy}`
  return `M${r + 0.5} .5h${fixed(w)}${corner(r, r)}v${fixed(h)}${corner(-r, r)}h${fixed(-w)}${corner(-r, -r)}v${fixed(-h)}${corner(r, -r)}z`
}

const fixed = (value: number) => String(Number(value.toFixed(2)))
const ENTITIES: { readonly [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (content: string) => content.replace(/[&<>"]/g, (character) => ENTITIES[character]!)
