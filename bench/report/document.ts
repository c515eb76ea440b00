// BENCHMARKS.md is written by hand except between <!-- bench:NAME --> and <!-- /bench:NAME -->, which is made from the
// results. So its figures cannot drift from them.

import { PLOT_NAMES, plotFile } from '../plots/index.js'
import type { Question } from '../question.js'
import { questions } from '../questions/index.js'
import type { Result } from '../result.js'
import { median } from '../statistics.js'
import { answerTable, targetTable } from './answer.js'
import { figure } from './format.js'
import { lossList, missList } from './losses.js'
import { openingTable } from './opening.js'
import { Reading } from './reading.js'
import { toMarkdown } from './table.js'

/** The text with every generated part made anew. @throws Error when a part has no markers, or markers have no part */
export function render(text: string, results: ReadonlyMap<string, Result>): string {
  const parts = makeParts(results)
  const seen = new Set<string>()
  const rendered = text.replace(
    /(<!-- bench:([\w-]+) -->)[\s\S]*?(<!-- \/bench:\2 -->)/g,
    (_, open, name: string, close) => {
      const part = parts.get(name)
      if (part === undefined) throw new Error(`BENCHMARKS.md has markers for ${name}, which is no part`)
      seen.add(name)
      return `${open}\n\n${part}\n\n${close}`
    },
  )
  const missing = [...parts.keys()].filter((name) => !seen.has(name))
  if (missing.length > 0) throw new Error(`BENCHMARKS.md has no markers for ${missing.join(', ')}`)
  return rendered
}

const ROW = 'One call, there and back'

/** The text of README.md with its one row of figures, the first question's, made anew. @throws Error without markers */
export function renderRow(text: string, results: ReadonlyMap<string, Result>): string {
  const [head, rule, ...rows] = toMarkdown(openingTable(results)).split('\n')
  const row = rows.find((line) => line.includes(ROW))
  const markers = /(<!-- bench:row -->)[\s\S]*?(<!-- \/bench:row -->)/
  if (!markers.test(text)) throw new Error('README.md has no markers for the row of figures')
  return text.replace(markers, (_, open, close) => [open, head, rule, row ?? '', close].join('\n'))
}

function makeParts(results: ReadonlyMap<string, Result>): Map<string, string> {
  const answered = questions.flatMap((question) => {
    const result = results.get(question.name)
    return result === undefined ? [] : [{ question, reading: new Reading(result) }]
  })
  return new Map([
    ['opening', opening(results)],
    ['losses', lossList(answered)],
    ['misses', missList(answered)],
    ...questions.map((question): [string, string] => [question.name, section(question, results.get(question.name))]),
  ])
}

function opening(results: ReadonlyMap<string, Result>): string {
  const parts = [picture('opening'), toMarkdown(openingTable(results)), provenance([...results.values()])]
  return parts.join('\n\n').trimEnd()
}

const picture = (name: string): string => `![${PLOT_NAMES.get(name)}](${plotFile(name)})`

function section(question: Question, result: Result | undefined): string {
  const ask = `**${question.asks}**\n\n${question.how}\n\n\`\`\`sh\nnpm run bench -- ${question.name}\n\`\`\``
  if (result === undefined) return `${ask}\n\n*Not measured yet.*`
  const reading = new Reading(result)
  const pictures = PLOT_NAMES.has(question.name) ? [picture(question.name)] : []
  const parts = [ask, ...pictures, toMarkdown(answerTable(question, reading))]
  if (question.targets.length > 0) parts.push(toMarkdown(targetTable(question, reading)))
  const sentence = question.means(reading)
  if (!sentence.includes('–')) parts.push(sentence) // a figure in it is missing
  parts.push(`<sub>${measured(result)}${unmeasured(question, reading)}</sub>`)
  return parts.join('\n\n')
}

/** Cases that came later than the result. */
function unmeasured({ cases }: Question, reading: Reading): string {
  const missing = cases.filter(({ name }) => reading.case(name) === undefined)
  const labels = [...new Set(missing.map(({ label }) => label))]
  return labels.length === 0 ? '' : ` Not measured yet: ${labels.join(', ')}.`
}

/** Usually one line: all results come from one run. */
function provenance(results: readonly Result[]): string {
  const lines = results.map(({ machine, packages }) => {
    const { cpu, cores, memoryGiB, platform, node } = machine
    const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
    return `${cores} cores of ${cpu}, ${memoryGiB} GiB, ${platform}, Node ${node.slice(1)}; ${versions.join(', ')}.`
  })
  return [...new Set(lines)].join('\n')
}

function measured({ machine: { date, commit }, repeats, cases }: Result): string {
  const stolen = median(cases.flatMap(({ figures }) => figures.stolenPercent?.repeats.filter((x) => x !== null) ?? []))
  return (
    `Measured on ${date} at commit ${commit}; medians of ${repeats} repeat${repeats === 1 ? '' : 's'}; meanwhile others took ` +
    `${figure(stolen)} % of the time of two spinning threads (median).`
  )
}
