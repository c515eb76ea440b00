import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

// Bundles what tsc left in build/lib into dist/: entries for users, and one that a Worker is started with.
// Chunks lie beside the entries, so that the code that starts a Worker finds the entry from whichever file it lands in.

const root = dirname(fileURLToPath(import.meta.url))
const compiled = join(root, 'build/lib')
const atomics = 'ring-buffer/atomics.js'
const entries = ['workers/makeparallel-worker.js', 'workers/serve.js']

/** Resolves the package import to the real Atomics and follows tsc's source maps back to the .ts files. */
const fromTsc = {
  name: 'from-tsc',
  resolveId: (source) => (source === '#atomics' ? join(compiled, atomics) : null),
  load(id) {
    if (!existsSync(`${id}.map`)) return null
    return { code: readFileSync(id, 'utf8'), map: JSON.parse(readFileSync(`${id}.map`, 'utf8')) }
  },
}

/**
 * Two chunks behind the entries: what touches shared memory, which embedders load alone, and the rest. A worker loads all
 * of it, and each further file costs its start more than what is not needed in one of them.
 * @param {string} id
 */
function chunkOf(id) {
  const path = id.slice(compiled.length + 1)
  if (/^(ring-buffer|scheduler(?!\/team))\/|^errors\.js$/.test(path)) return 'scheduler'
  return /^(workers|pool|parallel)\//.test(path) && !entries.includes(path) ? 'pool' : undefined
}

/** Copies the declarations that the public ones reach; a declaration of an internal file stays behind. */
const declarations = {
  name: 'declarations',
  writeBundle() {
    const seen = new Set()
    const copy = (file) => {
      if (seen.has(file)) return
      seen.add(file)
      const toAtomics = posix.relative(posix.dirname(file), atomics)
      const text = readFileSync(join(compiled, file.replace(/\.js$/, '.d.ts')), 'utf8').replaceAll(
        /(['"])#atomics\1/g,
        `'${toAtomics.startsWith('.') ? toAtomics : `./${toAtomics}`}'`,
      )
      const to = join(root, 'dist/types', file.replace(/\.js$/, '.d.ts'))
      mkdirSync(dirname(to), { recursive: true })
      writeFileSync(to, text)
      const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '') // an @example may import what is not there
      for (const [, , target] of code.matchAll(/(?:from|import)\s*\(?\s*(['"])(\.[^'"]+)\1/g)) {
        copy(posix.join(posix.dirname(file), target))
      }
    }
    copy('index.js')
    copy('workers/serve.js')
    copy('ring-buffer/index.js')
    copy('scheduler/team/index.js')
  },
}

export default {
  input: {
    index: join(compiled, 'index.js'),
    'makeparallel-worker': join(compiled, 'workers/makeparallel-worker.js'),
    worker: join(compiled, 'workers/serve.js'),
    'ring-buffer': join(compiled, 'ring-buffer/index.js'),
    scheduler: join(compiled, 'scheduler/team/index.js'),
  },
  external: /^node:/,
  plugins: [
    { name: 'clean', buildStart: () => rmSync(join(root, 'dist'), { recursive: true, force: true }) },
    fromTsc,
    declarations,
  ],
  output: {
    dir: 'dist',
    format: 'es',
    sourcemap: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunk-[name].js',
    manualChunks: chunkOf,
  },
  onwarn(warning) {
    throw new Error(`rollup: ${warning.message}`)
  },
}
