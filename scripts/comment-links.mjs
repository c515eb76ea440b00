// Checks that what texts and comments point to is there: relative links in *.md, and paths in backticks both there and
// in comments. A path counts when it begins with a folder of this repository (`lib/…`); in lib/, a bare `name.ts` too.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const GENERATED = /^(build|dist|node_modules|coverage)\//
const HISTORY = 'CHANGELOG.md' // may name what is gone

const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
const files = listed.split('\n').filter((file) => file !== '' && existsSync(join(root, file)))
const folders = new Set(files.filter((file) => file.includes('/')).map((file) => file.slice(0, file.indexOf('/'))))
const names = new Set(files.map((file) => basename(file)))

/** Replaces all but line breaks, so that line numbers stay. @param {string} text */
const blank = (text) => text.replace(/[^\n]/g, ' ')

/** Only the comments of a source file. @param {string} text */
const comments = (text) =>
  text.replace(/(\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*)|[\s\S]/g, (all, comment) => comment ?? blank(all))

const problems = []
for (const file of files) {
  const isText = file.endsWith('.md')
  if (file === HISTORY || !(isText || /\.(ts|mjs|js)$/.test(file))) continue
  const whole = readFileSync(join(root, file), 'utf8')
  const text = isText ? whole.replace(/^ *```[\s\S]*?^ *```/gm, blank) : comments(whole)
  /** @param {number | undefined} at @param {string} target */
  const report = (at, target) => problems.push(`${file}:${text.slice(0, at).split('\n').length} points to ${target}`)

  for (const { 1: target = '', index } of isText ? text.matchAll(/\]\(<?([^)\s>]+)>?\)/g) : []) {
    const path = decodeURI(target.replace(/#.*$/, ''))
    if (path === '' || /^[a-z]+:/.test(path)) continue
    if (!existsSync(path.startsWith('/') ? join(root, path) : join(root, dirname(file), path))) report(index, target)
  }
  for (const { 1: target = '', index } of text.matchAll(/`([\w.@-]+(?:\/[\w.@-]+)*\/?)`/g)) {
    const first = target.slice(0, target.indexOf('/'))
    if (GENERATED.test(target)) continue
    if (folders.has(first) && !existsSync(join(root, target)) && !existsSync(join(root, dirname(file), target))) {
      report(index, target)
    }
    if (file.startsWith('lib/') && /^[\w-]+\.ts$/.test(target) && !names.has(target)) report(index, target)
  }
}

for (const problem of problems) console.error(problem)
process.exitCode = problems.length > 0 ? 1 : 0
