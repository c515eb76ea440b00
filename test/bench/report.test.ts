import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { drawPlot, PLOT_NAMES, plotFile } from '../../bench/plots/index.js'
import { historyTargets } from '../../bench/questions/gate.js'
import { findQuestion, questions } from '../../bench/questions/index.js'
import { boundOf, isMet } from '../../bench/report/answer.js'
import { render, renderRow } from '../../bench/report/document.js'
import { figure, spread, times, withUnit } from '../../bench/report/format.js'
import { lossList } from '../../bench/report/losses.js'
import { Reading } from '../../bench/report/reading.js'
import { toMarkdown, toTerminal } from '../../bench/report/table.js'
import { readResults } from '../../bench/report.js'
import { type CaseResult, formatResult, type Result, summarise } from '../../bench/result.js'

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

const resultOf = (question: string, cases: readonly CaseResult[]): Result => ({
  question,
  command: `npm run bench -- ${question}`,
  machine: { cpu: 'abacus', cores: 2, memoryGiB: 1, platform: 'p', node: 'v20.0.0', commit: 'c', date: '2000-01-01' },
  packages: {},
  repeats: 3,
  cases,
})

/** A round trip whose machine is ten times slower in the second repeat. */
const drifting = resultOf('round-trip', [
  summarise(
    'makeparallel-1',
    [1, 10, 1].map((p50Us) => ({ p50Us, limitUs: p50Us / 2 })),
    [],
  ),
  summarise(
    'piscina-1',
    [30, 300, 30].map((p50Us) => ({ p50Us })),
    [],
  ),
  summarise(
    'piscina-async-1',
    [40, 400, 40].map((p50Us) => ({ p50Us })),
    [],
  ),
  summarise(
    'tinypool-1',
    [0.5, 5, 0.5].map((p50Us) => ({ p50Us })),
    [],
  ),
])

test('BENCHMARKS.md is what the generator makes of the committed results', () => {
  const text = read('BENCHMARKS.md')
  assert.is(render(text, readResults()), text)
})

test('the row of figures in README.md is what the generator makes of the committed results', () => {
  const text = read('README.md')
  assert.is(renderRow(text, readResults()), text)
  assert.match(text, /<!-- bench:row -->\n.*makeparallel.*\n.*\n.*\*\*.*µs\*\*/)
  assert.throws(() => renderRow(text.replace('bench:row', 'bench:raw'), readResults()), /no markers/)
})

test('the pictures are what the generator makes of the committed results', () => {
  for (const name of PLOT_NAMES.keys()) assert.is(read(plotFile(name)), drawPlot(name, readResults()), name)
})

test('without results, tables and pictures say so', () => {
  const none = new Map<string, Result>()
  for (const name of PLOT_NAMES.keys()) assert.match(drawPlot(name, none), /<svg[\s\S]*Not measured yet/)
  assert.is(render(read('BENCHMARKS.md'), none).match(/\*Not measured yet\.\*/g)?.length, questions.length)
})

test('a picture shows what was measured, and leaves out what was not', () => {
  const results = new Map([drifting, resultOf('in-flight', [])].map((result) => [result.question, result]))
  const opening = drawPlot('opening', results)
  assert.match(opening, /<title>makeparallel: 1 µs<\/title>/)
  assert.match(opening, /<title>Piscina: 30 µs<\/title>/)
  assert.not.match(opening, /workerpool|NaN|undefined|Infinity/)
})

test('cases that came after a result are named, and no sentence is made of them', () => {
  const section = render(read('BENCHMARKS.md'), new Map([['round-trip', drifting]]))
  assert.match(section, /Not measured yet: .*workerpool/)
  const cold = resultOf('cold', [summarise('makeparallel-1', [{ firstMs: 80 }], [])])
  assert.not.match(render(read('BENCHMARKS.md'), new Map([['cold', cold]])), /The first result is there/)
})

test('a committed result has only cases of its question, as the runner writes it', () => {
  for (const [name, result] of readResults()) {
    const measured = result.cases.map((one) => one.name)
    const known = findQuestion(name).cases.map((one) => one.name)
    assert.equal([...measured].sort(), known.filter((one) => measured.includes(one)).sort(), name)
    assert.is(read(`bench/results/${name}.json`), formatResult(result), name)
  }
})

test('a part without markers, and markers without a part, are errors', () => {
  const text = read('BENCHMARKS.md')
  assert.throws(() => render(text.replaceAll('bench:idle', 'bench:idel'), new Map()), /markers for idel/)
  assert.throws(() => render(text.replace('<!-- bench:idle -->', ''), new Map()), /no markers for idle/)
})

test('rendering what was rendered changes nothing', () => {
  const results = new Map([['round-trip', drifting]])
  const once = render(read('BENCHMARKS.md'), results)
  assert.is(render(once, results), once)
  assert.match(once, /\*\*makeparallel\*\* \| 1 \| 1\.00 \| 1\.00–10\.0/)
})

test('quiet repeats are those in which nobody took much of any case', () => {
  const busy = (name: string, stolen: number[]) =>
    summarise(
      name,
      stolen.map((stolenPercent, i) => ({ p50Us: i, stolenPercent })),
      [],
    )
  const reading = new Reading(resultOf('round-trip', [busy('a', [5, 90, 5]), busy('b', [5, 5, 10])])).quietRepeats(25)
  assert.equal(reading.repeats('a', 'p50Us'), [0, 2])
  assert.is(reading.result.repeats, 2)
})

test('the history gives bounds with generous room, and none where there is none', () => {
  assert.equal(historyTargets(undefined, undefined), [])
  const bounds = historyTargets(new Reading(drifting), undefined).map(boundOf)
  assert.equal(bounds, ['≥ 12×', '≤ 2 µs'])
})

test('ratios are taken within a repeat, so a slower machine does not change them', () => {
  const reading = new Reading(drifting)
  assert.equal(reading.timesPiscina('makeparallel-1', 1, 'p50Us'), [30, 30, 30])
  assert.equal(reading.overLimit('makeparallel-1', 'p50Us'), [0.5, 5, 0.5])
})

test('the Piscina of a ratio is the variant that does best', () => {
  assert.is(new Reading(drifting).bestPiscina(1, 'p50Us'), 'piscina-1')
  assert.is(new Reading(drifting).bestPiscina(1, 'p50Us', 'more'), 'piscina-async-1')
  assert.is(new Reading(drifting).bestPiscina(2, 'p50Us'), undefined)
})

test('a peer that is better is listed where we lose, a slower one and a tie are not', () => {
  const list = lossList([{ question: findQuestion('round-trip'), reading: new Reading(drifting) }])
  assert.is(list, '- **Round trip, p50, 1 worker**: Tinypool 0.500 µs; makeparallel 1.00 µs.')
})

test('a loss where nobody has workers names none', () => {
  const codec = [
    summarise('makeparallel', [{ smallUs: 2, pairUs: 1 }], []),
    summarise('json', [{ smallUs: 1, pairUs: 2 }], []),
  ]
  const list = lossList([{ question: findQuestion('codec'), reading: new Reading(resultOf('codec', codec)) }])
  assert.is(list, '- **Encoding and decoding, small object**: JSON 1.00 µs; makeparallel 2.00 µs.')
})

test('near zero only a difference beyond the noise counts as a loss', () => {
  const loss = (piscina: number): string => {
    const idle = [
      summarise('makeparallel-1', [{ cpuPercent: 0.03 }], []),
      summarise('piscina-1', [{ cpuPercent: piscina }], []),
    ]
    return lossList([{ question: findQuestion('idle'), reading: new Reading(resultOf('idle', idle)) }])
  }
  assert.match(loss(0.015), /^None/)
  assert.match(loss(0.005), /CPU of one core, 1 worker\*\*: Piscina 0.0050 %; makeparallel 0.0300 %/)
})

test('a repeat that failed leaves a gap and no figure', () => {
  const { figures, failures } = summarise('a', [{ x: 1 }, undefined, { x: Number.NaN }, { x: 3.00004 }], ['exit 1'])
  assert.equal(figures.x, { median: 2, min: 1, max: 3, repeats: [1, null, null, 3] })
  assert.equal(failures, ['exit 1'])
})

test('a target without a figure is neither met nor missed', () => {
  const target = { what: '', unit: 'µs', atMost: 1, reached: () => [] } as const
  assert.is(isMet(target, Number.NaN), undefined)
  assert.is(isMet(target, 1), true)
  assert.is(isMet(target, 1.1), false)
})

test('every question names cases and columns once, and its main column is one of them', () => {
  for (const { name, cases, columns, main } of questions) {
    assert.is(new Set(cases.map((one) => one.name)).size, cases.length, name)
    assert.is(new Set(columns.map(({ key }) => key)).size, columns.length, name)
    assert.ok(
      columns.some(({ key }) => key === main),
      name,
    )
  }
})

test('figures have three digits and a unit', () => {
  assert.equal([0, 0.00002, 0.11372, 1.1, 12.34, 123.4, 1e6, Number.NaN].map(figure), [
    '0',
    '0',
    '0.114',
    '1.10',
    '12.3',
    '123',
    '1,000,000',
    '–',
  ])
  assert.is(withUnit(1.1, 'µs'), '1.10 µs')
  assert.is(spread([3, 1, 2]), '1.00–3.00')
  assert.equal([0.625, 2.44, 24.7].map(times), ['0.63×', '2.4×', '25×'])
})

test('a table lines its figures up, in the terminal and in markdown', () => {
  const table = {
    head: ['µs', 'p50'],
    rows: [
      ['a', '1.00'],
      ['bcd', '20.0'],
    ],
    strong: new Set([1]),
  }
  assert.is(toMarkdown(table), '| µs | p50 |\n| :--- | ---: |\n| a | 1.00 |\n| **bcd** | 20.0 |')
  const lines = stripVTControlCharacters(toTerminal(table)).split('\n')
  assert.equal(lines, ['  µs    p50', '  ─────────', '  a    1.00', '  bcd  20.0'])
})

test.run()
