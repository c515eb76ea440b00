import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { newPlace, type Project, root } from './project.js'

// docs/where-it-runs.md, section by section: its files on top of those of the first one, its commands, what the last prints.

const place = newPlace()
let home: Project

interface Block {
  readonly language: string
  readonly file: string | undefined
  readonly text: string
}

function blocksOf(section: string): Block[] {
  const fences = section.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$/gm)
  return [...fences].map(([, language, file, text]) => ({ language: language!, file, text: text! }))
}

const [start, ...sections] = readFileSync(join(root, 'docs/where-it-runs.md'), 'utf8').split(/^## /m)
const PROGRAM = filesOf(blocksOf(start!))

function filesOf(blocks: readonly Block[]): Record<string, string> {
  return Object.fromEntries(blocks.flatMap(({ file, text }) => (file === undefined ? [] : [[file, text]])))
}

test.before(() => {
  home = place.project('home', [
    'esbuild',
    'rollup',
    '@rollup/plugin-node-resolve',
    'tsx',
    'vite',
    'vitest',
    'webpack',
    'webpack-cli',
  ])
})
test.after(() => place.remove())

for (const section of sections) {
  const title = section.slice(0, section.indexOf('\n'))
  const blocks = blocksOf(section)
  const shells = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text.trim().split('\n'))
  const prints = blocks.find(({ language }) => language === 'text')?.text
  if (shells.length === 0) continue
  // Two shells: each command of the first one is a way of its own, and the second one follows on it.
  const ways = shells.length === 1 ? shells : shells[0]!.map((line) => [line, ...shells[1]!])
  for (const lines of ways) {
    test(`where it runs, "${title}": ${lines.at(shells.length === 1 ? -1 : 0)}`, () => {
      const project = home.inner(`${title}-${ways.indexOf(lines)}`.replaceAll(/\W+/g, '-'), {
        ...PROGRAM,
        ...filesOf(blocks),
      })
      if (/Node 22/.test(title)) project.useNode(22)
      // What npx would find in this folder is on the path.
      const printed = lines.map((line) => project.run(line.replace(/^npx /, ''))).at(-1)!
      if (prints !== undefined) assert.fixture(printed, prints)
    })
  }
}

test.run()
