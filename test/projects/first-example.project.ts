import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { newPlace, Project, root, tarball } from './project.js'

// The README's first minutes, word for word: every file, every command, what the last one prints.

const SECONDS = 60
const place = newPlace()
const README = readFileSync(join(root, 'README.md'), 'utf8')

interface Block {
  readonly language: string
  readonly file: string | undefined
  readonly text: string
}

function blocksUnder(title: string): Block[] {
  const section = README.split(/^## /m).find((text) => text.startsWith(`${title}\n`))
  assert.ok(section, `there is a section "${title}"`)
  return [...section.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$/gm)].map(([, language, file, text]) => ({
    language: language!,
    file,
    text: text!,
  }))
}

/** Does what the blocks say, as one who reads them from top to bottom. */
function follow(blocks: readonly Block[], project: Project): void {
  let printed = ''
  for (const { language, file, text } of blocks) {
    if (file !== undefined) project.write({ [file]: text })
    else if (language === 'text') assert.fixture(printed, text)
    else for (const line of text.trim().split('\n')) printed = project.run(line)
  }
  assert.is(blocks.at(-1)?.language, 'text', 'the section ends with what is printed')
}

/** An empty folder beside a clone in which `npm pack` was called. */
function emptyFolder(name: string): Project {
  const clone = join(place.folder, name, 'makeparallel')
  mkdirSync(clone, { recursive: true })
  copyFileSync(tarball(), join(clone, basename(tarball())))
  return new Project(join(place.folder, name, 'app'))
}

function inTime(act: () => void): void {
  const startedAt = performance.now()
  act()
  const seconds = (performance.now() - startedAt) / 1000
  assert.ok(seconds < SECONDS, `it took ${seconds.toFixed()} s`)
}

test.before(() => void tarball())
test.after(() => place.remove())

test('the first example works in an empty folder within a minute', () => {
  inTime(() => follow(blocksUnder('First example'), emptyFolder('javascript')))
})

test('the example in TypeScript works in an empty folder within a minute', () => {
  const [setUp] = blocksUnder('First example')
  assert.match(setUp!.text, /^npm init -y\nnpm install /)
  inTime(() => follow([setUp!, ...blocksUnder('In TypeScript')], emptyFolder('typescript')))
})

test.run()
