import { test } from 'uvu'
import { chunkSources, playBundle, sources } from './bundles.js'
import { newPlace, type Project } from './project.js'

const place = newPlace()
let home: Project

test.before(() => {
  home = place.project('home', ['webpack', 'webpack-cli'])
})
test.after(() => place.remove())

/** Not minified, which takes most of the time. */
const config = (entry: string): string => `export default {
  mode: 'production',
  target: 'node',
  entry: { ${entry} },
  optimization: { minimize: false },
  experiments: { outputModule: true },
  output: { module: true, filename: '[name].mjs' },
}
`

test("webpack: one file, CommonJS, with no option of the library's", () => {
  const command = 'webpack ./app.mjs --mode production --target node -o out'
  playBundle(home.inner('one-commonjs', sources()), command, 'main.js', 1)
})

test("webpack: one file, an ES module, with no option of the library's", () => {
  const files = { ...sources(), 'webpack.config.mjs': config("app: './app.mjs'") }
  playBundle(home.inner('one-esm', files), 'webpack -o out', 'app.mjs', 1)
})

for (const shared of [true, false]) {
  const what = shared ? 'a module with an id in both chunks' : 'a module in the chunk of the workers alone'
  test(`webpack: ${what}`, () => {
    const files = { ...chunkSources(shared), 'webpack.config.mjs': config("app: './app.mjs', worker: './worker.mjs'") }
    playBundle(home.inner(`chunks-${shared}`, files), 'webpack -o out', 'app.mjs', 2)
  })
}

test.run()
