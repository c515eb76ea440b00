// The pictures of BENCHMARKS.md, made from the results as its tables are: docs/benchmarks/NAME.svg.
import type { Result } from '../result.js'
import { drawOpening } from './opening.js'
import { drawPayload } from './payload.js'
import { drawRegimes } from './regimes.js'
import { card } from './svg.js'

interface Plot {
  /** For who cannot see it. */
  readonly says: string
  /** Undefined without the results that it needs. */
  readonly draw: (results: ReadonlyMap<string, Result>) => string | undefined
}

/** By name: `opening`, or the question whose answer it shows. */
const PLOTS: Readonly<Record<string, Plot>> = {
  opening: { says: 'What a call costs with each library, one at a time and a thousand at once', draw: drawOpening },
  payload: { says: 'What a value costs there and back, by kind and size, with each library', draw: drawPayload },
  regimes: { says: 'What a call costs hot, searching, parked and cold, with 1 to 32 workers', draw: drawRegimes },
}

/** Names, and the words that stand for each picture. */
export const PLOT_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(PLOTS).map(([name, { says }]) => [name, says]),
)

export const plotFile = (name: string): string => `docs/benchmarks/${name}.svg`

/** As SVG. */
export function drawPlot(name: string, results: ReadonlyMap<string, Result>): string {
  const { says, draw } = PLOTS[name]!
  return draw(results) ?? card(104, says, 'Not measured yet.', [])
}
