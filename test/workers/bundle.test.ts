import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ModuleFormat, rollup } from 'rollup'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

// An application in one file, the library within: nothing lies beside it that a worker could be started with.

const dist = fileURLToPath(new URL('../../../dist/', import.meta.url))
const place = mkdtempSync(join(tmpdir(), 'makeparallel-bundle-'))

const TASKS = `
import { isWorker, parallel, workerId } from 'makeparallel'
// As code is written that is built both ways.
const source = typeof __filename === 'string' ? __filename : import.meta
export const { fib, where } = parallel(source, {
  fib(n) { return n < 2 ? n : fib.local(n - 1) + fib.local(n - 2) },
  async where() { return [isWorker, workerId, await fib(5)] },
})
`
const APP = `
import { isWorker, parallel, Pool } from 'makeparallel'
import { fib, where } from './tasks.js'
async function main() {
  const pool = new Pool({ threads: 1, setup: parallel(() => { globalThis.ready = 'ready' }) })
  const inline = parallel(() => globalThis.ready)
  console.log(JSON.stringify([await fib(10), fib(4).get(), await pool.run(where, []), await pool.run(inline, [])]))
  await pool.close()
}
if (!isWorker) main()
`
const SERVING = `
import { importTasks, isWorker } from 'makeparallel'
import { serve } from 'makeparallel/worker'
import * as tasks from './tasks.js'
const plain = { double: (x) => 2 * x }
if (isWorker) serve({ tasks, plain })
else Promise.all([importTasks('tasks').fib(10), importTasks('plain').double(4)]).then((all) => console.log(JSON.stringify(all)))
`
const UNGUARDED = `
import { fib } from './tasks.js'
fib(10).then(console.log, (error) => console.log(error.code + ': ' + error.message))
`
const ENDLESS = `
import { configure, isWorker } from 'makeparallel'
import { fib } from './tasks.js'
if (isWorker) await new Promise((resolve) => setInterval(() => {}, 1000))
configure({ loadTimeout: 300 })
fib(10).then(console.log, (error) => console.log(error.code + ': ' + error.message)).finally(() => process.exit())
`

async function bundle(app: string, format: ModuleFormat): Promise<string> {
  const modules: Record<string, string> = { 'app.js': app, './tasks.js': TASKS }
  const files: Record<string, string> = { makeparallel: 'index.js', 'makeparallel/worker': 'worker.js' }
  const built = await rollup({
    input: 'app.js',
    external: /^node:/,
    onwarn: () => {},
    plugins: [
      {
        name: 'in-memory',
        resolveId: (name) => (name in files ? join(dist, files[name]!) : name in modules ? name : null),
        load: (name) => modules[name] ?? null,
      },
    ],
  })
  const { output } = await built.generate({ format, inlineDynamicImports: true })
  const folder = mkdtempSync(join(place, `${format}-`))
  const file = join(folder, format === 'es' ? 'app.mjs' : 'app.cjs')
  writeFileSync(file, output[0].code)
  // Names that an application may give to files of its own.
  for (const name of ['worker.js', 'entry.js', 'index.js'])
    writeFileSync(join(folder, name), "throw new Error('started by mistake')")
  return file
}

function run(file: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  assert.is(status, 0, stdout + stderr)
  return stdout.trim()
}

test.after(() => rmSync(place, { recursive: true, force: true }))

for (const format of ['es', 'cjs'] as const) {
  test(`a bundle in ${format} format is its own worker entry`, async () => {
    assert.equal(JSON.parse(run(await bundle(APP, format))), [55, 3, [true, 1, 5], 'ready'])
  })

  test(`a bundle in ${format} format may serve modules to itself`, async () => {
    assert.equal(JSON.parse(run(await bundle(SERVING, format))), [55, 8])
  })

  test(`a bundle in ${format} format that forgets the guard is told so, and does not start threads for ever`, async () => {
    const said = run(await bundle(UNGUARDED, format))
    assert.match(said, /^ERR_PARALLEL_WORKER_START: .*"fib" is called while its module is being evaluated.*isWorker/s)
  })
}

test('a bundle that never finishes evaluating in a worker is a WorkerStartError', async () => {
  assert.match(
    run(await bundle(ENDLESS, 'es')),
    /^ERR_PARALLEL_WORKER_START: .*did not finish evaluating within loadTimeout/,
  )
})

test.run()
