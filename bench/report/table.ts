// A table as markdown and for the terminal: the first column to the left, figures to the right.

export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Indices of rows to set off. */
  readonly strong?: ReadonlySet<number>
}

export function toMarkdown({ head, rows, strong }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const rule = line(head.map((_, i) => (i === 0 ? ':---' : '---:')))
  const body = rows.map((cells, row) =>
    line(cells.map((cell, i) => (i === 0 && strong?.has(row) ? `**${cell}**` : cell))),
  )
  return [line(head), rule, ...body].join('\n')
}

/** Colours only where someone looks. */
const colours = process.stdout.isTTY === true && process.env.NO_COLOR === undefined
const paint = (code: string, text: string): string => (colours ? `\x1b[${code}m${text}\x1b[0m` : text)
export const bold = (text: string): string => paint('1', text)
export const dim = (text: string): string => paint('2', text)
export const green = (text: string): string => paint('32', text)
export const red = (text: string): string => paint('31', text)

export function toTerminal({ head, rows, strong }: Table): string {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((cells) => (cells[i] ?? '').length)))
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')
  const body = rows.map((cells, row) => (strong?.has(row) ? bold(line(cells)) : line(cells)))
  return [dim(line(head)), dim('─'.repeat(widths.reduce((sum, width) => sum + width + 2, -2))), ...body]
    .map((text) => `  ${text}`)
    .join('\n')
}
