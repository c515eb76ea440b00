// A line that fills up. In a terminal it is redrawn in place; in a file or a pipe every tenth is written once.

const WIDTH = 40
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const REDRAW_MS = 40 // the eye sees no more, and drawing is not what is measured

export interface ProgressBar {
  advance(): void
  /** Fills the bar and ends the line. */
  finish(): void
}

export function startProgressBar(label: string, total: number, out: NodeJS.WriteStream = process.stdout): ProgressBar {
  const startedAt = performance.now()
  const elapsed = () => `${((performance.now() - startedAt) / 1000).toFixed(2)} s`
  let done = 0

  if (!out.isTTY) {
    let tenths = 0
    out.write(label)
    const advance = () => {
      done++
      for (; tenths < Math.floor((10 * done) / total); tenths++) out.write(` ${tenths + 1}0`)
    }
    return { advance, finish: () => void out.write(` %  ${elapsed()}\n`) }
  }

  let drawnAt = Number.NEGATIVE_INFINITY
  const draw = () => {
    drawnAt = performance.now()
    const count = `${done}`.padStart(`${total}`.length)
    out.write(`\r${label} ${bar(done / total)} ${count}/${total}  ${elapsed()}\x1b[K`)
  }
  draw()
  return {
    advance() {
      done++
      if (performance.now() - drawnAt > REDRAW_MS) draw()
    },
    finish() {
      draw()
      out.write('\n')
    },
  }
}

/** WIDTH cells that are full up to `fraction`, to an eighth of a cell, on a grey ground. */
function bar(fraction: number): string {
  const eighths = Math.round(fraction * WIDTH * 8)
  const full = '█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7]!
  return `\x1b[36;100m${full.padEnd(WIDTH)}\x1b[0m`
}
