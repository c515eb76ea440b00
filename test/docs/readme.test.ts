import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import * as library from '../../lib/index.js'
import { codesIn, type Section, sectionsOf } from './examples.js'
import { type PublicNames, readPublicNames } from './public-names.js'

// The pages claim what runs: their programs are run as a reader would, their tables are compared with the library.

const root = fileURLToPath(new URL('../../..', import.meta.url))
const read = (page: string): string => readFileSync(join(root, page), 'utf8')
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const place = mkdtempSync(join(tmpdir(), 'makeparallel-docs-'))
const README = sectionsOf(read('README.md'))
const GUIDE = sectionsOf(read('docs/guide.md'))
const PAGES = {
  'README.md': README,
  'docs/guide.md': GUIDE,
  'docs/embedding.md': sectionsOf(read('docs/embedding.md')),
}

function node(args: readonly string[], folder: string): string {
  const { status, signal, error, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
  })
  assert.is(status, 0, `node ${args.join(' ')}: ${signal ?? error ?? status}\n${stdout}${stderr}`)
  return stdout
}

/** A folder where the built package is installed. */
function newProject(name: string): string {
  const folder = join(place, name)
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  symlinkSync(root, join(folder, 'node_modules/makeparallel'), 'junction')
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  return folder
}

/** Runs a file as its page says; TypeScript is checked and compiled by what `tsc --init` sets up. */
function run(file: string, folder: string): string {
  if (!file.endsWith('.ts')) return node([file], folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  if (!existsSync(join(folder, 'tsconfig.json'))) node([tsc, '--init'], folder)
  node([tsc], folder)
  return node([file.replace(/\.ts$/, '.js')], folder)
}

function play({ steps }: Section, folder: string): void {
  for (const step of steps) {
    if ('prints' in step) assert.fixture(run(step.file, folder), step.prints, `what ${step.file} prints`)
    else {
      assert.match(step.text, new RegExp(`^// ${step.file.replaceAll('.', '\\.')}\n`), 'the name is in the first line')
      writeFileSync(join(folder, step.file), step.text)
    }
  }
}

const sectionCalled = (page: Section[], title: string): Section => {
  const found = page.find((section) => section.title === title)
  assert.ok(found, `there is a section "${title}"`)
  return found
}

/** The first column of the table whose head begins with `head`. */
function namesUnder(page: Section[], head: string): string[] {
  for (const { rows } of page) {
    const start = rows.findIndex(([first]) => first === head)
    if (start < 0) continue
    const width = rows[start]!.length
    const end = rows.findIndex(([first], i) => i > start && !first!.startsWith('`'))
    const table = rows.slice(start + 1, end < 0 ? undefined : end).filter((row) => row.length === width)
    return table.flatMap(([first]) => codesIn(first!)).map((code) => code.replace(/\(.*$/, ''))
  }
  throw new Error(`no table is headed "${head}"`)
}

test.after(() => rmSync(place, { recursive: true, force: true }))

for (const [page, sections] of Object.entries(PAGES)) {
  for (const [i, section] of sections.entries()) {
    if (section.steps.length === 0) continue
    test(`${page}, "${section.title}": the programs print what the page says`, () => {
      assert.ok('prints' in section.steps.at(-1)!, 'the last file is followed by what it prints')
      play(section, newProject(`${page.replace(/\W/g, '-')}-${i}`))
    })
  }
}

test('every error code in the table is the code of the class beside it, and every class is there', () => {
  const { rows } = sectionCalled(README, 'Errors')
  const stated = rows.slice(1).map(([code, name]) => `${codesIn(name!)[0]} ${codesIn(code!)[0]}`)
  const exported = Object.entries(library as Record<string, unknown>)
    .filter(([name]) => /^[A-Z].*Error$/.test(name) && name !== 'ParallelError')
    .map(([name, type]) => `${name} ${(type as { CODE?: string }).CODE ?? new library.OptionError('').code}`)
  assert.equal(stated.sort(), exported.sort())
})

const MEMBERS = { pool: 'Pool', handle: 'TaskHandle', fn: 'ParallelFunction' }
const KEYWORDS = ['await using', 'async']

/** What is wrong with a piece of code in a table of features, or undefined. */
function wrongName(code: string, { exports, options }: PublicNames): string | undefined {
  if (KEYWORDS.includes(code)) return undefined
  const [, head, member] = /^(?:await |new )*([A-Za-z_$][\w$]*)(?:\.([\w$]+))?/.exec(code) ?? []
  if (head === undefined) return `${code} begins with no name`
  const type = MEMBERS[head as keyof typeof MEMBERS]
  if (type !== undefined) {
    if (member !== undefined && !exports.get(type)?.has(member)) return `${code}: ${type} has no member ${member}`
  } else if (!exports.has(head) && !(head in globalThis)) {
    return `${code}: ${head} is not exported`
  }
  const literal = /\{ (.+) \}/.exec(code)?.[1]
  if (literal === undefined || head === 'parallel') return undefined
  const unknown = literal.split(', ').filter((pair) => !options.has(pair.replace(/:.*$/, '')))
  return unknown.length === 0 ? undefined : `${code}: there is no option ${unknown.join()}`
}

test('every name in the table of features exists', () => {
  const names = readPublicNames()
  const codes = sectionCalled(README, 'What it can do')
    .rows.slice(1)
    .flatMap((row) => row.flatMap(codesIn))
  assert.ok(codes.length > 20)
  assert.equal(
    codes.map((code) => wrongName(code, names)).filter((wrong) => wrong !== undefined),
    [],
  )
})

test('the guide has a row for every option, statistic, event and member', () => {
  const { exports } = readPublicNames()
  const membersOf = (type: string): string[] => [...exports.get(type)!].filter((name) => !name.startsWith('__')).sort()
  const tables = {
    'task option': 'TaskOptions',
    'pool option': 'PoolOptions',
    'close option': 'CloseOptions',
    'in `pool.stats()`': 'PoolStats',
    event: 'PoolEvents',
    member: 'TaskHandle',
  }
  for (const [head, type] of Object.entries(tables)) {
    assert.equal(namesUnder(GUIDE, head).sort(), membersOf(type), `the table of ${type}`)
  }
})

test('every npm script that a page names exists', () => {
  const scripts: Record<string, string> = JSON.parse(read('package.json')).scripts
  for (const page of ['README.md', 'docs/guide.md', 'CONTRIBUTING.md']) {
    const named = [...read(page).matchAll(/\bnpm (?:run (?:--silent )?([\w:]+)|(start|test)\b)/g)]
    for (const [command, script, short] of named) assert.ok((script ?? short!) in scripts, `${page}: ${command}`)
  }
})

test.run()
