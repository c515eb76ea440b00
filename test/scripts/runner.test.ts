import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

// The runner is judged by what it says of files that are wrong in one way each. They stand in build/, where they find uvu.

const build = fileURLToPath(new URL('../..', import.meta.url))
const runner = join(build, '../scripts/test.mjs')

/** Puts the files into a root of their own and runs the runner on it. A null text: the .ts is there, its .js is not. */
function run(files: Record<string, string | null>, ...args: string[]): { code: number | null; output: string } {
  const root = mkdtempSync(join(build, 'runner-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      for (const path of [join(root, 'test', `${name}.ts`), join(root, 'build/test', `${name}.js`)]) {
        mkdirSync(dirname(path), { recursive: true })
        if (path.endsWith('.ts') || text !== null) writeFileSync(path, text ?? '')
      }
    }
    const { status, stdout, stderr } = spawnSync(process.execPath, [runner, `--root=${root}`, ...args], {
      encoding: 'utf8',
    })
    return { code: status, output: stdout + stderr }
  } finally {
    rmSync(root, { recursive: true })
  }
}

const uvu = (body: string): string => `import { test, suite } from 'uvu'\n${body}\n`
const GOOD = uvu(`test('a', () => {}); test('b', () => {}); test.run()`)

function failsWith(text: string | null, problem: RegExp, closing: string, ...args: string[]): void {
  const { code, output } = run({ 'wrong.test': text, 'right.test': GOOD }, ...args)
  assert.is(code, 1, output)
  assert.match(output, problem)
  assert.ok(output.endsWith(`\n${closing}\n`), output)
}

test('files that pass are counted, in folders too', () => {
  const { code, output } = run({ 'a.test': GOOD, 'deep/er/b.prop': GOOD })
  assert.is(code, 0, output)
  assert.ok(output.endsWith('\n4 passed, 0 failed\n'), output)
})

test('a failing test fails, and its output is shown', () => {
  const text = uvu(`test('a', () => {}); test('b', () => { throw new Error('the reason') }); test.run()`)
  failsWith(text, /the reason/, '3 passed, 1 failed')
})

test('a before hook that throws fails, though uvu exits 0', () => {
  const text = uvu(`test.before(() => { throw new Error('no') }); test('a', () => {}); test('b', () => {}); test.run()`)
  failsWith(text, /FAIL wrong\.test\.ts .*; 0 of 2 passed/, '2 passed, 2 failed')
})

test('a file that forgets .run() fails, though node exits 0', () => {
  failsWith(uvu(`test('a', () => {})`), /no summary/, '2 passed, 1 failed')
})

test('a second suite that is never run fails', () => {
  const text = uvu(`const s = suite('s'); s('x', () => {}); const t = suite('t'); t('y', () => {}); s.run()`)
  failsWith(text, /2 suites and only 1 \.run\(\)/, '3 passed, 1 failed')
})

test('a file without tests fails', () => {
  failsWith(uvu('test.run()'), /no test ran/, '2 passed, 1 failed')
})

test('a test that never settles fails', () => {
  failsWith(uvu(`test('a', () => new Promise(() => {})); test.run()`), /exit code 1; no summary/, '2 passed, 1 failed')
})

test('a file that exits 0 in the middle fails', () => {
  failsWith(uvu(`test('a', () => process.exit(0)); test.run()`), /no summary/, '2 passed, 1 failed')
})

test('a file whose tests pass and that exits with another code fails', () => {
  const text = uvu(`test('a', () => {}); test.run(); process.on('exit', () => { process.exitCode = 3 })`)
  failsWith(text, /exit code 3/, '3 passed, 1 failed')
})

test('a file whose tests pass and that does not exit by itself is killed and fails', () => {
  const text = uvu(`test('a', () => {}); test.run(); setInterval(() => {}, 1000)`)
  failsWith(text, /still running after 1 s/, '3 passed, 1 failed', '--limit=1')
})

test('a file that leaves a process behind fails', () => {
  const text = uvu(`import { spawn } from 'node:child_process'
    test('a', () => { spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }).unref() })
    test.run()`)
  failsWith(text, /still running after 1 s/, '3 passed, 1 failed', '--limit=1')
})

test('a file that was not compiled fails', () => {
  failsWith(null, /not compiled: no build\/test\/wrong\.test\.js/, '2 passed, 1 failed')
})

test('names and kinds select', () => {
  const files = { 'one.test': GOOD, 'one.stress': GOOD, 'two.stress': GOOD }
  assert.match(run(files, 'one').output, /\n4 passed, 0 failed\n$/)
  assert.match(run(files, '--kind=stress').output, /\n4 passed, 0 failed\n$/)
  assert.match(run(files, 'one', '--kind=stress').output, /\n2 passed, 0 failed\n$/)
})

test('a selection without a file fails', () => {
  const { code, output } = run({ 'a.test': GOOD }, 'nothing-like-it')
  assert.is(code, 1)
  assert.match(output, /no test file matches\n0 passed, 1 failed\n$/)
})

test('with --again a file that fails once and passes alone is named, and one that fails twice fails', () => {
  const mark = `import { existsSync, writeFileSync } from 'node:fs'; const mark = new URL('mark', import.meta.url)`
  const once = uvu(`${mark}
    test('a', () => { if (!existsSync(mark)) { writeFileSync(mark, ''); throw new Error('the first time') } })
    test.run()`)
  const unsteady = run({ 'once.test': once, 'right.test': GOOD }, '--again')
  assert.is(unsteady.code, 0, unsteady.output)
  assert.match(unsteady.output, /fail once\.test\.ts[\s\S]*the first time[\s\S]*ok {3}once\.test\.ts/)
  assert.ok(
    unsteady.output.endsWith('\nunsteady, failed once and passed alone: once.test.ts\n3 passed, 0 failed\n'),
    unsteady.output,
  )
  failsWith(once, /FAIL wrong\.test\.ts/, '2 passed, 1 failed')
  const text = uvu(`test('a', () => { throw new Error('always') }); test.run()`)
  failsWith(text, /fail wrong\.test\.ts[\s\S]*FAIL wrong\.test\.ts/, '2 passed, 1 failed', '--again')
})

test('an unknown kind is refused', () => {
  const { code, output } = run({ 'a.test': GOOD }, '--kind=stres')
  assert.is(code, 1)
  assert.match(output, /no such kind: stres/)
})

test.run()
