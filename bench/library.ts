// What is measured is the bundle that users install. BENCH_LIBRARY=build takes the files that tsc left instead: for
// profiles with one script per source file, not for results.
type Library = typeof import('../lib/index.js')

const entry = process.env.BENCH_LIBRARY === 'build' ? '../lib/index.js' : '../../dist/index.js'

export const { move, parallel, Pool } = (await import(new URL(entry, import.meta.url).href)) as Library
