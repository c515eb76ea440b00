// What the plots share: a card that follows the reader's light or dark theme, text, and logarithmic axes.

export const WIDTH = 1200
export const MARGIN = 32

/** Colours by class: `c-…` for dots and lines. Grey is for those that only give a measure. */
const STYLE = `
    text { font: 14px ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; fill: #57606a }
    .title { font-size: 22px; font-weight: 600; fill: #1f2328 }
    .subtitle, .panel { font-size: 15px }
    .panel { font-weight: 600; fill: #1f2328 }
    .strong { font-weight: 600; fill: #1f2328 }
    .card { fill: #ffffff; stroke: #d0d7de }
    .grid { stroke: #d8dee4 }
    .limit { stroke: #cf222e; stroke-dasharray: 5 4 }
    .limit-label { fill: #cf222e }
    path, .stem { fill: none; stroke-width: 2.5 }
    .c-ours { stroke: #0969da; fill: #0969da }
    .c-a { stroke: #bc4c00; fill: #bc4c00 }
    .c-b { stroke: #1a7f37; fill: #1a7f37 }
    .c-c { stroke: #8250df; fill: #8250df }
    .c-grey { stroke: #8c959f; fill: #8c959f }
    path.card { fill: #ffffff; stroke-width: 1 }
    path.line { fill: none }
    @media (prefers-color-scheme: dark) {
      text { fill: #9198a1 }
      .title, .panel, .strong { fill: #f0f6fc }
      path.card { fill: #0d1117; stroke: #30363d }
      .grid { stroke: #2a313a }
      .limit { stroke: #f85149 }
      .limit-label { fill: #f85149 }
      .c-ours { stroke: #4493f8; fill: #4493f8 }
      .c-a { stroke: #f0883e; fill: #f0883e }
      .c-b { stroke: #3fb950; fill: #3fb950 }
      .c-c { stroke: #ab7df8; fill: #ab7df8 }
      .c-grey { stroke: #7d8590; fill: #7d8590 }
    }
  `

export function card(height: number, title: string, subtitle: string, body: readonly string[]): string {
  const edge = `M12.5 .5h${WIDTH - 25}a12 12 0 0 1 12 12v${height - 25}a12 12 0 0 1 -12 12h-${WIDTH - 25}a12 12 0 0 1 -12 -12v-${height - 25}a12 12 0 0 1 12 -12z`
  const lines = [
    `<style>${STYLE}</style>`,
    `<path class="card" d="${edge}"/>`,
    text(MARGIN, 46, title, 'title'),
    text(MARGIN, 72, subtitle, 'subtitle'),
    ...body,
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">\n  ${lines.join('\n  ')}\n</svg>\n`
}

export function text(
  x: number,
  y: number,
  words: string,
  kind = '',
  anchor: 'start' | 'middle' | 'end' = 'start',
): string {
  const place = anchor === 'start' ? '' : ` text-anchor="${anchor}"`
  return `<text x="${round(x)}" y="${round(y)}"${kind === '' ? '' : ` class="${kind}"`}${place}>${escaped(words)}</text>`
}

export const line = (kind: string, x1: number, y1: number, x2: number, y2: number): string =>
  `<line class="${kind}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`

export const dot = (kind: string, x: number, y: number, radius: number, hint: string): string =>
  `<circle class="${kind}" cx="${round(x)}" cy="${round(y)}" r="${radius}"><title>${escaped(hint)}</title></circle>`

/** Coordinates to a tenth of a pixel: more would make every diff of a plot larger. */
export const round = (value: number): number => Math.round(value * 10) / 10

const escaped = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

export interface LogScale {
  readonly at: (value: number) => number
  /** Powers of ten, both ends included. */
  readonly ticks: readonly number[]
}

/** From the power of ten below the least to the one above the most. */
export function logScale(values: readonly number[], from: number, to: number): LogScale {
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))
  return {
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
  }
}

/** @example duration(1_000) // '1 ms' */
export function duration(us: number): string {
  const [value, unit] = us >= 1e6 ? [us / 1e6, 's'] : us >= 1e3 ? [us / 1e3, 'ms'] : [us, 'µs']
  return `${Number(value.toPrecision(3))} ${unit}`
}
