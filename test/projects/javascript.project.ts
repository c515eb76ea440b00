import { test } from 'uvu'
import { playProgram, programIn } from './program.js'
import { newPlace, type Project } from './project.js'

// Plain Node.js, and TypeScript that tsx compiles on the way.

const place = newPlace()
let home: Project

test.before(() => {
  home = place.project('home', ['tsx'])
})
test.after(() => place.remove())

test('modules run as they are', () => {
  playProgram(home.inner('esm', programIn('esm')), 'node app.mjs')
})

test('CommonJS requires the package and passes __filename', () => {
  playProgram(home.inner('commonjs', programIn('commonjs')), 'node app.cjs')
})

for (const command of ['tsx app.ts', 'node --import tsx app.ts']) {
  test(`${command} runs TypeScript modules`, () => {
    const project = home.inner('tsx', programIn('typescript'))
    project.write({ 'package.json': '{ "private": true, "type": "module" }' })
    playProgram(project, command)
  })

  test(`${command} runs TypeScript that it takes for CommonJS`, () => {
    playProgram(home.inner('tsx-commonjs', programIn('typescript')), command)
  })
}

test.run()
