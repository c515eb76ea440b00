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

const PLATFORMS: Readonly<Record<string, Readonly<Record<string, unknown>> & { readonly include?: string[] }>> = {
  'with @types/node, without lib dom': NODE,
  'without @types/node, with lib dom': BROWSER,
  'with @types/node and lib dom': { types: ['node'], lib: ['es2022', 'dom'] },
  'moduleResolution bundler and @types/node': { ...NODE, module: 'esnext', moduleResolution: 'bundler' },
  'moduleResolution bundler and lib dom': { ...BROWSER, module: 'esnext', moduleResolution: 'bundler' },
  'without @types/node and lib dom': { types: [], lib: ['es2022'], include: ['bare.ts'] },
  experimentalDecorators: { ...NODE, experimentalDecorators: true, include: ['decorators.ts'] },
  'less strict options': { ...NODE, exactOptionalPropertyTypes: false, isolatedModules: false, skipLibCheck: true },
}

/** test/types as it stands in a project of a user's: there, the package has its name. */
function usageFiles(): Record<string, string> {
  const files: Record<string, string> = {}
  for (const name of readdirSync(TYPES)) {
    files[name] = readFileSync(join(TYPES, name), 'utf8')
      .replaceAll("'../../lib/index.js'", "'makeparallel'")
      .replaceAll(/'\.\.\/\.\.\/lib\/([\w-]+)\/index\.js'/g, "'makeparallel/$1'")
  }
  return files
}

export function testOnTypeScript(version: (typeof TYPESCRIPTS)[number]): void {
  const place = newPlace()
  let home: Project

  test.before(() => {
    home = place.project('home', [`typescript@${version}`, '@types/node'])
  })
  test.after(() => place.remove())

  for (const [name, { include = ['*.ts'], ...platform }] of Object.entries(PLATFORMS)) {
    test(`the types hold in TypeScript ${version} ${/^(exp|less|module)/.test(name) ? `under ${name}` : name}`, () => {
      const compilerOptions = {
        target: 'es2022',
        module: 'nodenext',
        strict: true,
        exactOptionalPropertyTypes: true,
        isolatedModules: true,
        skipLibCheck: false,
        noEmit: true,
        ...platform,
      }
      const project = home.inner(name.replaceAll(/\W+/g, '-'), usageFiles())
      project.write({
        'package.json': '{ "private": true, "type": "module" }',
        'tsconfig.json': JSON.stringify({ compilerOptions, include }),
      })
      project.run('tsc -p .')
    })
  }

  test.run()
}
