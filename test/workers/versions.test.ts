import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

// Two copies of the library in one process that do not share a protocol: as a later version may be.

const dist = fileURLToPath(new URL('../../../dist', import.meta.url))
const place = mkdtempSync(join(tmpdir(), 'makeparallel-versions-'))

/** A worker of the one evaluates a module of the other, which would start threads if it were on a host. */
const TASKS = `
import { parallel } from './ours/index.js'
import { isWorker, parallel as parallelToo, Pool, workerId } from './theirs/index.js'
export const theirs = parallelToo(import.meta, { double: (x) => 2 * x })
if (!isWorker) (await import('node:fs')).writeSync(1, 'host;')
export const { ask, call, run } = parallel(import.meta, {
  ask: () => [isWorker, workerId],
  call: (x) => theirs.double(x),
  run: (x) => new Pool({ threads: 1 }).run(theirs.double, [x]),
})
`
const APP = `
import { ask, call, run, theirs } from './tasks.mjs'
const failure = (promise) => promise.then(String, (error) => [error.code, error.message])
console.log(JSON.stringify([await ask(), await failure(call(1)), await failure(run(1)), await theirs.double(4)]))
`

test.before(() => {
  writeFileSync(join(place, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(place, 'tasks.mjs'), TASKS)
  writeFileSync(join(place, 'app.mjs'), APP)
  for (const name of ['ours', 'theirs']) {
    mkdirSync(join(place, name))
    cpSync(dist, join(place, name), { recursive: true })
  }
  let changed = 0
  for (const name of readdirSync(join(place, 'theirs')).filter((file) => file.endsWith('.js'))) {
    const file = join(place, 'theirs', name)
    const text = readFileSync(file, 'utf8')
    const other = text.replaceAll(/\bconst PROTOCOL = \d+/g, 'const PROTOCOL = 99')
    if (other !== text) changed++
    writeFileSync(file, other)
  }
  assert.ok(changed > 0)
})
test.after(() => rmSync(place, { recursive: true, force: true }))

test('in a worker of another protocol a copy knows that it is in a worker, and refuses calls; on the host both work', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['app.mjs'], {
    cwd: place,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  assert.is(status, 0, stdout + stderr)
  assert.match(stdout, /^host;\[/, 'only the host is one')
  const [asked, called, ran, doubled] = JSON.parse(stdout.slice('host;'.length))
  assert.is(asked[0], true)
  for (const [code, message] of [called, ran]) {
    assert.is(code, 'ERR_PARALLEL_TASK_LOAD')
    assert.match(message, /a worker of another version of makeparallel.*protocol is \d+.*99.*npm ls makeparallel/)
  }
  assert.is(doubled, 8)
})

test.run()
