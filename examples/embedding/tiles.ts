// A picture of the Mandelbrot set in square tiles. A tile is a task, and so an integer: where it lies, and log2 of its width.
import type { Region } from '../../lib/ring-buffer/index.js'

const LOG_SIZE = 8
/** Pixels on a side. */
export const SIZE = 1 << LOG_SIZE
/** Tiles up to this width are painted, larger ones are split. */
const LOG_PAINTED = 4
const STEPS = 400

export const WHOLE = pack(0, 0, LOG_SIZE)
/** No tile: whoever finds it stops. */
export const STOP = pack(0, 0, LOG_SIZE + 1)

/** What every thread gets, whoever started it. Plain data: it can be sent anywhere. */
export interface Shared {
  readonly team: Region
  /** Rung after tiles were put into a deque. */
  readonly bell: Region
  readonly pixels: Uint8Array
}

function pack(x: number, y: number, log: number): number {
  return x | (y << LOG_SIZE) | (log << (2 * LOG_SIZE))
}

const xOf = (tile: number): number => tile & (SIZE - 1)
const yOf = (tile: number): number => (tile >> LOG_SIZE) & (SIZE - 1)
const widthOf = (tile: number): number => 1 << (tile >> (2 * LOG_SIZE))

export function areaOf(tile: number): number {
  return widthOf(tile) ** 2
}

/** The four quarters of a tile, or undefined when it is small enough to be painted. */
export function split(tile: number): readonly number[] | undefined {
  const log = (tile >> (2 * LOG_SIZE)) - 1
  if (log < LOG_PAINTED) return undefined
  const [x, y, half] = [xOf(tile), yOf(tile), 1 << log]
  return [pack(x, y, log), pack(x + half, y, log), pack(x, y + half, log), pack(x + half, y + half, log)]
}

export function paint(pixels: Uint8Array, tile: number): void {
  const width = widthOf(tile)
  for (let y = yOf(tile); y < yOf(tile) + width; y++) {
    for (let x = xOf(tile); x < xOf(tile) + width; x++) {
      pixels[y * SIZE + x] = stepsAt((3 * x) / SIZE - 2.25, (3 * y) / SIZE - 1.5)
    }
  }
}

/** Steps until the orbit of a point leaves, at most 255 of them shown. */
function stepsAt(real: number, imaginary: number): number {
  let [re, im] = [0, 0]
  for (let step = 0; step < STEPS; step++) {
    if (re * re + im * im > 4) return step & 255
    const next = re * re - im * im + real
    im = 2 * re * im + imaginary
    re = next
  }
  return 255
}
