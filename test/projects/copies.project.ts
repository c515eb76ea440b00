import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { newPlace, type Project } from './project.js'

// A dependency that brings its own copy of the library, as package managers install it when versions differ.

const place = newPlace()
let home: Project

const DEPENDENCY = {
  'package.json': '{ "name": "dependency", "version": "1.0.0", "type": "module", "exports": "./index.js" }',
  'index.js': `
import { threadId } from 'node:worker_threads'
import { defaultPool, isWorker, parallel, Pool, WorkerLostError } from 'makeparallel'
export * as library from 'makeparallel'
export const { double, thread, end, wrong } = parallel(import.meta, {
  double: (n) => 2 * n,
  thread: () => [isWorker, threadId],
  end: () => process.exit(1),
  wrong: () => () => {},
})
`,
}

const APP = {
  'tasks.mjs': `
import { threadId } from 'node:worker_threads'
import { isWorker, parallel } from 'makeparallel'
import { double, thread as theirs } from 'dependency'
export const { triple, thread, doubled } = parallel(import.meta, {
  triple: (n) => 3 * n,
  thread: () => [isWorker, threadId],
  doubled(n) {
    const child = double(n)
    return [child.get(), threadId, theirs().get()[1] > 0]
  },
})
`,
}

function says(name: string, program: string): unknown {
  home.write({ [name]: `import * as ours from 'makeparallel'\nimport * as theirs from 'dependency'\n${program}` })
  return JSON.parse(home.run(`node ${name}`))
}

test.before(() => {
  home = place.project('home').write(APP)
  const dependency = join(home.folder, 'node_modules/dependency')
  home.inner('node_modules/dependency', DEPENDENCY)
  cpSync(join(home.folder, 'node_modules/makeparallel'), join(dependency, 'node_modules/makeparallel'), {
    recursive: true,
  })
})
test.after(() => place.remove())

test('there are two copies', () => {
  assert.is(says('two.mjs', 'console.log(ours.parallel === theirs.library.parallel)'), false)
})

test('tasks of both copies run on the threads of one default pool', () => {
  const program = `
import { thread, triple } from './tasks.mjs'
theirs.library.configure({ threads: 1 })
const [a, b] = await Promise.all([thread(), theirs.thread()])
console.log(JSON.stringify([await triple(2), await theirs.double(2), a[0], b[0], a[1] > 0, a[1] === b[1]]))
`
  assert.equal(says('default.mjs', program), [6, 4, true, true, true, true])
})

test('a pool of one copy runs tasks of the other, by run and by with', () => {
  const program = `
import { triple } from './tasks.mjs'
const pools = [new ours.Pool({ threads: 1 }), new theirs.library.Pool({ threads: 1 })]
const values = []
for (const pool of pools) {
  values.push(await pool.run(triple, [1]), await pool.run(theirs.double, [1]))
  values.push(await triple.with({ pool })(2), await theirs.double.with({ pool })(2))
}
for (const pool of pools) values.push((await pool.close()).clean)
console.log(JSON.stringify(values))
`
  assert.equal(says('pools.mjs', program), [3, 2, 6, 4, 3, 2, 6, 4, true, true])
})

test('a task of one copy starts children of the other', () => {
  const program = `
import { doubled } from './tasks.mjs'
const [value, thread, isThread] = await doubled(4)
console.log(JSON.stringify([value, thread > 0, isThread]))
`
  assert.equal(says('children.mjs', program), [8, true, true])
})

test('the errors of one copy are instances of the classes of the other', () => {
  const program = `
const said = []
const note = (error) => said.push(
  ['ParallelError', 'WorkerLostError', 'PayloadError', 'OptionError'].filter((name) => error instanceof ours[name]).join())
await theirs.end().catch(note)
await theirs.wrong().catch(note)
try { theirs.library.configure({ threads: 'all' }) } catch (error) { note(error) }
console.log(JSON.stringify(said))
`
  assert.equal(says('errors.mjs', program), [
    'ParallelError,WorkerLostError',
    'ParallelError,PayloadError',
    'ParallelError,OptionError',
  ])
})

test.run()
