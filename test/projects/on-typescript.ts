// What every line of TypeScript is tried with: the types' usage, against the declarations of the packed package, on every
// platform whose types an application may have.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import { newPlace, type Project, root } from './project.js'
import type { TYPESCRIPTS } from './versions.js'

const TYPES = join(root, 'test/types')
const NODE = { types: ['node'], lib: ['es2022'] }
const BROWSER = { types: [], lib: ['es2022', 'dom'] }

/** Each platform's own workers are what createWorker takes. */
const WORKERS = {
  node: `import { Worker } from 'node:worker_threads'
import { Pool } from 'makeparallel'
new Pool({ createWorker: () => new Worker(new URL('./worker.js', import.meta.url)) })
`,
  dom: `import { Pool } from 'makeparallel'
new Pool({ createWorker: () => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }) })
`,
}

interface Platform {
  readonly types: readonly string[]
  readonly lib: readonly string[]
  readonly include?: readonly string[]
  readonly [option: string]: unknown
}

const PLATFORMS: Readonly<Record<string, Platform>> = {
  'with @types/node, without lib dom': NODE,
  'without @types/node, with lib dom': BROWSER,
  'with @types/node and lib dom': { types: ['node'], lib: ['es2022', 'dom'] },
  'moduleResolution bundler and @types/node': { ...NODE, module: 'esnext', moduleResolution: 'bundler' },
  'moduleResolution bundler and lib dom': { ...BROWSER, module: 'esnext', moduleResolution: 'bundler' },
  'without @types/node and lib dom': { types: [], lib: ['es2022'], include: ['bare.ts'] },
  experimentalDecorators: { ...NODE, experimentalDecorators: true, include: ['decorators.ts'] },
  'less strict options': { ...NODE, exactOptionalPropertyTypes: false, isolatedModules: false, skipLibCheck: true },
}

/** What the sources of the repository are called where the package is installed. */
const ENTRIES = {
  'index.js': 'makeparallel',
  'ring-buffer/index.js': 'makeparallel/ring-buffer',
  'scheduler/team/index.js': 'makeparallel/scheduler',
  'workers/serve.js': 'makeparallel/worker',
}

/** test/types as it stands in a project of a user's. */
function usageFiles({ types, lib }: Platform, version: string): Record<string, string> {
  const files: Record<string, string> = {}
  for (const name of readdirSync(TYPES)) {
    if (name === 'moves-exact.ts' && (version.startsWith('5.7') || !types.includes('node'))) continue
    let text = readFileSync(join(TYPES, name), 'utf8')
    for (const [file, entry] of Object.entries(ENTRIES)) text = text.replaceAll(`'../../lib/${file}'`, `'${entry}'`)
    files[name] = text
  }
  if (types.includes('node')) files['worker-of-node.ts'] = WORKERS.node
  if (lib.includes('dom')) files['worker-of-dom.ts'] = WORKERS.dom
  return files
}

export function testOnTypeScript(version: (typeof TYPESCRIPTS)[number]): void {
  const place = newPlace()
  let home: Project

  test.before(() => {
    home = place.project('home', [`typescript@${version}`, '@types/node'])
  })
  test.after(() => place.remove())

  for (const [name, platform] of Object.entries(PLATFORMS)) {
    const { include = ['*.ts'], ...options } = platform
    test(`the types hold in TypeScript ${version} ${/^(exp|less|module)/.test(name) ? `under ${name}` : name}`, () => {
      const compilerOptions = {
        target: 'es2022',
        module: 'nodenext',
        strict: true,
        exactOptionalPropertyTypes: true,
        isolatedModules: true,
        skipLibCheck: false,
        noEmit: true,
        ...options,
      }
      const project = home.inner(name.replaceAll(/\W+/g, '-'), usageFiles(platform, version))
      project.write({
        'package.json': '{ "private": true, "type": "module" }',
        'tsconfig.json': JSON.stringify({ compilerOptions, include }),
      })
      project.run('tsc -p .')
    })
  }

  test.run()
}
