// What the pages say, taken apart: programs and what they print, tables, names.

/** A file of an example, or what the file before it prints. */
export type Step = { readonly file: string; readonly text: string } | { readonly prints: string; readonly file: string }

/** What stands under one heading of the second level. */
export interface Section {
  readonly title: string
  readonly steps: Step[]
  readonly rows: string[][]
}

/**
 * A fence with `file=NAME` in its info string is a file of a program. A `text` fence after it is what the program prints,
 * fences in between in a language without `file=` (a shell's commands) aside.
 * @throws Error for a fence that never ends, and for output of nothing
 */
export function sectionsOf(page: string): Section[] {
  const sections: Section[] = [{ title: '', steps: [], rows: [] }]
  const lines = page.split('\n')
  let file: string | undefined
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!
    const section = sections.at(-1)!
    const fence = /^```(\w*)(?: file=(\S+))?$/.exec(line)
    if (fence === null) {
      const title = /^## (.+)$/.exec(line)?.[1]
      if (title !== undefined) {
        sections.push({ title, steps: [], rows: [] })
        file = undefined
      } else if (/^\|(?![ :|-]+$)/.test(line)) section.rows.push(cellsOf(line))
      continue
    }
    const end = lines.indexOf('```', i + 1)
    if (end < 0) throw new Error(`line ${i + 1}: the fence never ends`)
    const text = `${lines.slice(i + 1, end).join('\n')}\n`
    i = end
    const [, language, name] = fence
    if (name !== undefined) {
      file = name
      section.steps.push({ file, text })
    } else if (language === 'text') {
      if (file === undefined) throw new Error(`under "${section.title}": output of nothing`)
      section.steps.push({ prints: text, file })
      file = undefined
    }
  }
  return sections
}

/** The cells of a table's row; `\|` is no border. */
function cellsOf(line: string): string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim())
}

/** What stands in backticks. */
export function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!)
}
