import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

// The architecture as a check: who may import whom, and where what is dangerous may stand.

const ERRORS = -1 // lib/errors.ts lies below all
const LAYERS: Record<string, number> = {
  'ring-buffer': 0,
  scheduler: 1,
  workers: 2,
  pool: 3,
  parallel: 3,
  policies: 4,
  integrations: 5,
}
const SURFACE = 6 // lib/index.ts re-exports and is imported by none
const ATOMICS = 'ring-buffer/atomics.ts' // reached as #atomics from everywhere, so that a model can stand in for it
const THREADLESS = 1 // up to this layer nothing comes from node:
const VAGUE = /^(utils?|common|helpers?|manager)$/

interface Facts {
  readonly imports: readonly string[]
  readonly usesAtomics: boolean
  readonly startsWorkers: boolean
  readonly hasDefaultExport: boolean
}

function readFacts(name: string, text: string): Facts {
  const imports: string[] = []
  let usesAtomics = false
  let startsWorkers = false
  let hasDefaultExport = false
  const visit = (node: ts.Node): void => {
    const source =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
          ? node.argument.literal
          : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
            ? node.arguments[0]
            : undefined
    if (source !== undefined && ts.isStringLiteral(source)) imports.push(source.text)
    if (ts.isIdentifier(node) && node.text === 'Atomics') usesAtomics = true
    if (ts.isNewExpression(node) && node.expression.getText() === 'Worker') startsWorkers = true
    if (ts.isExportAssignment(node)) hasDefaultExport = true
    if (ts.isExportSpecifier(node) && node.name.text === 'default') hasDefaultExport = true
    if (node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent)) hasDefaultExport = true
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true))
  return { imports, usesAtomics, startsWorkers, hasDefaultExport }
}

function layerOf(file: string): number | undefined {
  if (file === 'errors.ts') return ERRORS
  if (file === 'index.ts') return SURFACE
  return file.includes('/') ? LAYERS[file.slice(0, file.indexOf('/'))] : undefined
}

/** The index.ts that a file outside must name to reach `to`, or `to` itself when the two share its folder. */
function doorTo(to: string, from: string): string {
  const folders = to.split('/').slice(0, -1)
  for (let depth = 1; depth <= folders.length; depth++) {
    const folder = folders.slice(0, depth).join('/')
    if (!from.startsWith(`${folder}/`)) return `${folder}/index.ts`
  }
  return to
}

function findCycle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>()
  const search = (file: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const next of graph.get(file) ?? []) {
      const cycle = search(next, [...path, file])
      if (cycle !== undefined) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of graph.keys()) {
    const cycle = search(file, [])
    if (cycle !== undefined) return cycle
  }
  return undefined
}

/** All that is wrong with a library, given as its files below lib/ and their text. */
function review(files: Record<string, string>): string[] {
  const wrong: string[] = []
  const graph = new Map<string, string[]>()
  for (const [file, text] of Object.entries(files)) {
    const edges: string[] = []
    graph.set(file, edges)
    const layer = layerOf(file)
    if (layer === undefined) wrong.push(`${file} belongs to no layer`)
    for (const part of file.replace(/\.ts$/, '').split('/')) {
      if (VAGUE.test(part)) wrong.push(`${file}: '${part}' says nothing`)
    }
    const facts = readFacts(file, text)
    if (facts.usesAtomics && file !== ATOMICS) wrong.push(`${file} uses Atomics and not #atomics`)
    if (facts.startsWorkers && layer !== LAYERS.workers) wrong.push(`${file} starts a thread`)
    if (facts.hasDefaultExport) wrong.push(`${file} has a default export`)
    for (const specifier of facts.imports) {
      const isNode = specifier.startsWith('node:')
      if (isNode && layer !== undefined && layer <= THREADLESS) wrong.push(`${file} knows ${specifier}`)
      if (isNode) continue
      if (specifier === '#atomics') {
        edges.push(ATOMICS)
        continue
      }
      if (!specifier.startsWith('.')) {
        if (layer !== LAYERS.integrations) wrong.push(`${file} depends on ${specifier}`)
        continue
      }
      const target = posix.join(posix.dirname(file), specifier.replace(/\.js$/, '.ts'))
      if (!(target in files)) {
        wrong.push(`${file} imports ${target}, which is not there`)
        continue
      }
      edges.push(target)
      const door = doorTo(target, file)
      if (target !== door) wrong.push(`${file} enters ${target} and not ${door}`)
      const below = layerOf(target)
      if (layer !== undefined && below !== undefined && below > layer) wrong.push(`${file} reaches up to ${target}`)
    }
  }
  const cycle = findCycle(graph)
  if (cycle !== undefined) wrong.push(`cycle: ${cycle.join(' → ')}`)
  return wrong
}

function readLibrary(): Record<string, string> {
  const lib = fileURLToPath(new URL('../../lib', import.meta.url))
  if (!existsSync(lib)) return {}
  const names = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((name) => /\.[cm]?[jt]sx?$/.test(name))
  return Object.fromEntries(names.map((name) => [name.split(sep).join('/'), readFileSync(join(lib, name), 'utf8')]))
}

test('the library keeps to its layers', () => {
  const files = readLibrary()
  assert.ok('index.ts' in files, 'lib/index.ts is there')
  assert.equal(review(files), [])
})

const SOUND = {
  'index.ts': `export { Pool } from './pool/index.js'`,
  'errors.ts': `export class E extends Error {}`,
  'ring-buffer/index.ts': `export * from './deque.js'; export { wait } from '#atomics'`,
  'ring-buffer/atomics.ts': `export const load = Atomics.load; export const wait = Atomics.wait`,
  'ring-buffer/deque.ts': `import { load } from '#atomics'; import { E } from '../errors.js' // Atomics in words is fine`,
  'scheduler/index.ts': `export { type Deque } from '../ring-buffer/index.js'; import { load } from '#atomics'`,
  'workers/index.ts': `import { Worker } from 'node:worker_threads'; new Worker(''); import { a } from './codec/index.js'`,
  'workers/codec/index.ts': `export { a } from './a.js'`,
  'workers/codec/a.ts': `import { E } from '../../errors.js'; switch (1) { default: }`,
  'parallel/index.ts': ``,
  'pool/index.ts': `import { x } from '../workers/index.js'; import '../parallel/index.js'`,
  'integrations/pino.ts': `import type { Logger } from 'pino'; import '../pool/index.js'`,
}

test('a sound library has nothing wrong', () => {
  assert.equal(review(SOUND), [])
})

const BROKEN: [string, Record<string, string>, string][] = [
  [
    'an import upwards',
    { 'scheduler/a.ts': `import '../workers/index.js'` },
    'scheduler/a.ts reaches up to workers/index.ts',
  ],
  [
    'a type from above',
    { 'workers/b.ts': `import type { P } from '../pool/index.js'` },
    'workers/b.ts reaches up to pool/index.ts',
  ],
  [
    'a type by import()',
    { 'workers/b.ts': `let p: import('../pool/index.js').P` },
    'workers/b.ts reaches up to pool/index.ts',
  ],
  ['a late import', { 'workers/b.ts': `await import('../pool/index.js')` }, 'workers/b.ts reaches up to pool/index.ts'],
  ['the surface from within', { 'pool/a.ts': `export * from '../index.js'` }, 'pool/a.ts reaches up to index.ts'],
  [
    'errors that import',
    { 'errors.ts': `import '#atomics'; import './pool/index.js'` },
    'errors.ts reaches up to pool/index.ts',
  ],
  [
    'a side door',
    { 'scheduler/a.ts': `import '../ring-buffer/deque.js'` },
    'scheduler/a.ts enters ring-buffer/deque.ts and not ring-buffer/index.ts',
  ],
  [
    'an inner side door',
    { 'workers/b.ts': `import './codec/a.js'` },
    'workers/b.ts enters workers/codec/a.ts and not workers/codec/index.ts',
  ],
  [
    'a cycle',
    { 'pool/a.ts': `import './b.js'`, 'pool/b.ts': `import './a.js'` },
    'cycle: pool/a.ts → pool/b.ts → pool/a.ts',
  ],
  ['Atomics elsewhere', { 'scheduler/a.ts': `Atomics.load(w, 0)` }, 'scheduler/a.ts uses Atomics and not #atomics'],
  [
    'Atomics by another way',
    { 'scheduler/a.ts': `const { load } = globalThis.Atomics` },
    'scheduler/a.ts uses Atomics and not #atomics',
  ],
  ['a thread elsewhere', { 'pool/a.ts': `new Worker(url)` }, 'pool/a.ts starts a thread'],
  ['a platform too low', { 'scheduler/a.ts': `import 'node:os'` }, 'scheduler/a.ts knows node:os'],
  ['a dependency', { 'pool/a.ts': `import 'left-pad'` }, 'pool/a.ts depends on left-pad'],
  ['a default export', { 'pool/a.ts': `export default 1` }, 'pool/a.ts has a default export'],
  ['a default function', { 'pool/a.ts': `export default function f() {}` }, 'pool/a.ts has a default export'],
  ['a default by name', { 'pool/a.ts': `const a = 1; export { a as default }` }, 'pool/a.ts has a default export'],
  ['a vague file', { 'pool/utils.ts': `` }, `pool/utils.ts: 'utils' says nothing`],
  ['a vague folder', { 'pool/helpers/a.ts': `` }, `pool/helpers/a.ts: 'helpers' says nothing`],
  ['a file of no layer', { 'queue.ts': `` }, 'queue.ts belongs to no layer'],
  ['a folder of no layer', { 'queue/index.ts': `` }, 'queue/index.ts belongs to no layer'],
  ['a file that is gone', { 'pool/a.ts': `import './b.js'` }, 'pool/a.ts imports pool/b.ts, which is not there'],
]

for (const [name, files, complaint] of BROKEN) {
  test(`${name} is found`, () => {
    const wrong = review({ ...SOUND, ...files })
    assert.ok(wrong.includes(complaint), `expected '${complaint}', found ${JSON.stringify(wrong)}`)
  })
}

test.run()
