// What every line of Node is tried with: the program, in the languages that this Node reads, and tests of this repository.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { playProgram, programIn } from './program.js'
import { newPlace, Project, root } from './project.js'
import type { NODES } from './versions.js'

/** What rests on the platform: threads that start, park and die, and what only tests of a platform's accidents see. */
const TESTS = [
  'parallel/parallel.test',
  'pool/children.test',
  'pool/handle.test',
  'pool/pool.test',
  'workers/faults',
  'workers/platform',
]

export function testOnNode(major: keyof typeof NODES): void {
  const place = newPlace()
  const isThisNode = process.versions.node.startsWith(`${major}.`)
  let home: Project

  test.before(() => {
    home = place.project('home')
    home.useNode(major)
  })
  test.after(() => place.remove())

  test(`this is Node ${major}`, () => {
    assert.ok(home.run('node --version').startsWith(`v${major}.`))
  })

  test(`modules run on Node ${major}`, () => {
    playProgram(home.inner('esm', programIn('esm')), 'node app.mjs')
  })

  test(`CommonJS runs on Node ${major}`, () => {
    playProgram(home.inner('commonjs', programIn('commonjs')), 'node app.cjs')
  })

  if (major >= 22) {
    test(`Node ${major} runs TypeScript modules as they are`, () => {
      const project = home.inner('typescript', programIn('typescript'))
      playProgram(project.write({ 'package.json': '{ "private": true, "type": "module" }' }), 'node app.ts')
    })
  }

  // The run that this is part of does them on this Node.
  if (!isThisNode) {
    test(`the tests of threads pass on Node ${major}`, () => {
      const repository = new Project(root)
      repository.nodeFolder = home.nodeFolder
      assert.match(repository.run(`node scripts/test.mjs --jobs=1 ${TESTS.join(' ')}`, 240), /^\d+ passed, 0 failed$/m)
    })
  }

  test.run()
}
