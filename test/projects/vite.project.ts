import { test } from 'uvu'
import { chunkSources, playBundle, sources } from './bundles.js'
import { playProgram } from './program.js'
import { newPlace, type Project } from './project.js'

// Vite, building for Node.

const place = newPlace()
let home: Project

const ALL_IN_ONE = 'export default { ssr: { noExternal: true } }\n'
const CHUNKS = `export default {
  ssr: { noExternal: true },
  build: { rollupOptions: { input: ['app.mjs', 'worker.mjs'], output: { entryFileNames: '[name].mjs' } } },
}
`

test.before(() => {
  home = place.project('home', ['vite'])
})
test.after(() => place.remove())

test('vite build --ssr leaves the library in node_modules', () => {
  const project = home.inner('external', sources())
  project.run('vite build --ssr app.mjs --outDir out')
  playProgram(project, 'node out/app.mjs')
})

test("vite build --ssr: one file, with no option of the library's", () => {
  const files = { ...sources(), 'vite.config.mjs': ALL_IN_ONE }
  playBundle(home.inner('one', files), 'vite build --ssr app.mjs --outDir out', 'app.mjs', 1)
})

for (const shared of [true, false]) {
  const what = shared ? 'a module with an id in both chunks' : 'a module in the chunk of the workers alone'
  test(`vite build --ssr: ${what}`, () => {
    const files = { ...chunkSources(shared), 'vite.config.mjs': CHUNKS }
    playBundle(home.inner(`chunks-${shared}`, files), 'vite build --ssr --outDir out', 'app.mjs')
  })
}

test.run()
