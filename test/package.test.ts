import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

// The tarball as a user gets it: installed in an empty project outside the repository, run, and type-checked there.
// It packs dist/ as the build left it; --ignore-scripts keeps prepack from rebuilding under the other tests.

const root = fileURLToPath(new URL('../..', import.meta.url))
const place = mkdtempSync(join(tmpdir(), 'makeparallel-package-'))
const app = join(place, 'app')
const installed = join(app, 'node_modules/makeparallel')

const TASKS = `import { parallel } from 'makeparallel'
export const { add } = parallel(import.meta, { add(a, b) { return a + b } })
`
const USE = `import { Pool } from 'makeparallel'
import { Deque } from 'makeparallel/ring-buffer'
import { EMPTY, Team } from 'makeparallel/scheduler'
import { add } from './tasks.mjs'
const team = Team.create({ participants: 1, capacity: 4 })
if (Team.join(team, 0).findWork() !== EMPTY || Deque.create({ capacity: 4 }).byteLength === 0) throw new Error('no Team')
if (typeof Pool !== 'function') throw new Error('no Pool')
console.log(await add(2, 3))
`
const TYPED = `import { parallel, Pool, type TaskHandle } from 'makeparallel'
import * as ring from 'makeparallel/ring-buffer'
import { type Participant, Team } from 'makeparallel/scheduler'
const { add } = parallel({ url: 'file:///tasks.mjs' }, { add(a: number, b: number): number { return a + b } })
export const handle: TaskHandle<number> = add(2, 3)
export const sum: number = await handle
export const PoolClass: typeof Pool = Pool
export type Ring = typeof ring
export const me: Participant = Team.join(Team.create({ participants: 2, capacity: 8 }), 1)
// @ts-expect-error a string is no number: the types are there, and are not any
add('2', 3)
`

function command(program: string, args: readonly string[], cwd: string): string {
  const { status, signal, error, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
    shell: process.platform === 'win32' && program === 'npm',
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  assert.is(status, 0, `${program} ${args.join(' ')}: ${signal ?? error ?? status}\n${stdout}${stderr}`)
  return stdout
}

function typeCheck(platform: { types: string[]; typeRoots?: string[]; lib: string[] }): void {
  const compilerOptions = {
    ...platform,
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    target: 'es2022',
    module: 'nodenext',
  }
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['typed.mts'] }))
  command(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', app], app)
}

test.before(() => {
  mkdirSync(app)
  writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'app', version: '1.0.0', private: true }))
  writeFileSync(join(app, 'tasks.mjs'), TASKS)
  writeFileSync(join(app, 'use.mjs'), USE)
  writeFileSync(join(app, 'typed.mts'), TYPED)
  command('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', place], root)
  const tarball = readdirSync(place).find((name) => name.endsWith('.tgz'))
  assert.ok(tarball, 'npm pack wrote a tarball')
  command('npm', ['install', '--offline', '--no-audit', '--no-fund', '--silent', join(place, tarball)], app)
})

test.after(() => rmSync(place, { recursive: true, force: true }))

test('the tarball holds dist and the texts, and nothing else', () => {
  const names = readdirSync(installed).sort()
  assert.equal(
    names.filter((name) => !['CHANGELOG.md', 'README.md'].includes(name)),
    ['LICENSE', 'dist', 'package.json'],
  )
})

test('the package depends on nothing', () => {
  assert.equal(
    readdirSync(join(app, 'node_modules')).filter((name) => !name.startsWith('.')),
    ['makeparallel'],
  )
})

test('a task module runs on a worker and the process exits by itself', () => {
  assert.is(command(process.execPath, ['use.mjs'], app), '5\n')
})

test('source maps lead back to the sources and carry them', () => {
  const maps = readdirSync(join(installed, 'dist')).filter((name) => name.endsWith('.js.map'))
  assert.ok(maps.length >= 3)
  for (const name of maps) {
    const map = JSON.parse(readFileSync(join(installed, 'dist', name), 'utf8'))
    assert.ok(
      map.sources.every((source: string) => /^\.\.\/lib\/.*\.ts$/.test(source)),
      `${name}: ${map.sources}`,
    )
    assert.ok(
      map.sourcesContent.every((text: unknown) => typeof text === 'string'),
      name,
    )
  }
})

test('the declarations and the code name nothing that only the repository has', () => {
  for (const name of readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' })) {
    const isTypes = name.endsWith('.d.ts')
    if (!isTypes && !name.endsWith('.js')) continue
    const text = readFileSync(join(installed, 'dist', name), 'utf8')
    assert.not.match(text, /['"]#atomics['"]/, name)
    if (isTypes) assert.not.match(text, /['"]node:|types=["']node["']/, `${name} needs @types/node`)
  }
})

test('the types hold without @types/node, with lib dom', () => {
  typeCheck({ types: [], lib: ['es2022', 'dom'] })
})

test('the types hold with @types/node, without lib dom', () => {
  typeCheck({ types: ['node'], typeRoots: [join(root, 'node_modules/@types')], lib: ['es2022'] })
})

test.run()
