import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { EXPECTED, playProgram, programIn } from './program.js'
import { newPlace, type Project } from './project.js'

// The host need not be the main thread of the process, and whoever started it need not know of the library.

const place = newPlace()
let home: Project

const VITEST = (extension: string): string => `
import { expect, test } from 'vitest'
import { work } from './work${extension}'

test('the program does its work', async () => {
  expect(await work()).toEqual(${JSON.stringify(EXPECTED)})
})
`

test.before(() => {
  home = place.project('home', ['vitest'])
})
test.after(() => place.remove())

test('a worker thread is a host like any other', () => {
  const start = "import { Worker } from 'node:worker_threads'\nnew Worker(new URL('./app.mjs', import.meta.url))\n"
  playProgram(home.inner('thread', { ...programIn('esm'), 'start.mjs': start }), 'node start.mjs')
})

test('a forked process is a host like any other', () => {
  const start = "import { fork } from 'node:child_process'\nfork('./app.mjs')\n"
  playProgram(home.inner('fork', { ...programIn('esm'), 'start.mjs': start }), 'node start.mjs')
})

test('a host thread that is terminated takes its workers along', () => {
  const files = {
    ...programIn('esm'),
    'host.mjs': `
import { parentPort } from 'node:worker_threads'
import { Pool } from 'makeparallel'
import { meet } from './tasks.mjs'
const gate = new Int32Array(new SharedArrayBuffer(4))
const pool = new Pool({ threads: 2 })
pool.run(meet, [gate, 3]) // a third one never comes
pool.run(meet, [gate, 3])
parentPort.postMessage(gate)
`,
    'start.mjs': `
import { Worker } from 'node:worker_threads'
const host = new Worker(new URL('./host.mjs', import.meta.url))
host.once('message', async (gate) => {
  for (let met = Atomics.load(gate, 0); met < 2; met = Atomics.load(gate, 0)) await Atomics.waitAsync(gate, 0, met).value
  console.log(await host.terminate())
})
`,
  }
  assert.is(home.inner('terminated', files).run('node start.mjs'), '1\n')
})

for (const pool of ['threads', 'forks']) {
  test(`a test calls tasks under Vitest with its pool of ${pool}`, () => {
    const project = home.inner(`vitest-${pool}`, { ...programIn('esm'), 'work.test.mjs': VITEST('.mjs') })
    assert.match(project.run(`vitest run --pool=${pool}`), /Tests +1 passed/)
  })
}

test('a test calls tasks of a TypeScript module under Vitest on Node 24', () => {
  const project = home.inner('typescript', { ...programIn('typescript'), 'work.test.ts': VITEST('.ts') })
  project.write({ 'package.json': '{ "private": true, "type": "module" }' }).useNode(24)
  assert.match(project.run('vitest run'), /Tests +1 passed/)
})

test.run()
