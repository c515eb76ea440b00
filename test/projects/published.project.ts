import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { newPlace, type Project, tarball } from './project.js'

// What others say of the package before it is published.

const place = newPlace()
let home: Project

test.before(() => {
  home = place.project('home', ['publint', '@arethetypeswrong/cli'])
})
test.after(() => place.remove())

test('publint finds nothing', () => {
  assert.match(home.run(`publint run "${tarball()}" --strict`), /All good!/)
})

test('every entry resolves to its types, from modules and for bundlers', () => {
  home.run(`attw "${tarball()}" --profile esm-only --no-emoji`)
})

test.run()
