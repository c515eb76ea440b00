import { test } from 'uvu'
import { chunkSources, playBundle, sources } from './bundles.js'
import { newPlace, type Project } from './project.js'

// esbuild and rollup.

const place = newPlace()
let home: Project

test.before(() => {
  home = place.project('home', ['esbuild', 'rollup', '@rollup/plugin-node-resolve'])
})
test.after(() => place.remove())

for (const minify of ['', ' --minify']) {
  test(`esbuild${minify}: one file, an ES module, with no option of the library's`, () => {
    const command = `esbuild app.mjs --bundle --platform=node --format=esm${minify} --outfile=out/app.mjs`
    playBundle(home.inner(`one-esm${minify.trim()}`, sources()), command, 'app.mjs', 1)
  })

  test(`esbuild${minify}: one file, CommonJS, whose task module passes __filename`, () => {
    const command = `esbuild app.mjs --bundle --platform=node${minify} --outfile=out/app.cjs`
    playBundle(home.inner(`one-commonjs${minify.trim()}`, sources(true)), command, 'app.cjs', 1)
  })
}

test('esbuild: a module that is split off is a task module', () => {
  const files = { ...sources(), 'app.mjs': SPLIT }
  const command =
    'esbuild app.mjs --bundle --platform=node --format=esm --splitting --outdir=out --out-extension:.js=.mjs'
  playBundle(home.inner('split', files), command, 'app.mjs')
})

for (const shared of [true, false]) {
  const what = shared ? 'a module with an id in both chunks' : 'a module in the chunk of the workers alone'
  test(`esbuild --minify: ${what}`, () => {
    const outputs = '--outdir=out --out-extension:.js=.mjs'
    const command = `esbuild app.mjs worker.mjs --bundle --platform=node --format=esm --minify ${outputs}`
    playBundle(home.inner(`chunks-${shared}`, chunkSources(shared)), command, 'app.mjs', 2)
  })

  test(`rollup: ${what}`, () => {
    const command = 'rollup app.mjs worker.mjs -p node-resolve -d out --entryFileNames [name].mjs --silent'
    playBundle(home.inner(`rollup-chunks-${shared}`, chunkSources(shared)), command, 'app.mjs')
  })
}

test("rollup: one file, with no option of the library's", () => {
  const command = 'rollup app.mjs -p node-resolve -o out/app.mjs --silent'
  playBundle(home.inner('rollup-one', sources()), command, 'app.mjs', 1)
})

const SPLIT = `
import { isWorker } from 'makeparallel'
if (!isWorker) {
  const { work } = await import('./work.mjs')
  console.log(JSON.stringify(await work()))
}
`

test.run()
