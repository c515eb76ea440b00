/**
 * Imports a task module in a worker, and gives its namespace: in TypeScript too, if the host's own loader makes that
 * possible. Bundlers shall leave its imports alone: what they name is known only later.
 */
import * as modules from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

export async function importModule(url: string): Promise<object> {
  await (hooks ??= registerHooks())
  return (await import(/* webpackIgnore: true */ /* @vite-ignore */ url)) as object
}
let hooks: Promise<void> | undefined

/**
 * Node 20 keeps import hooks per thread, and tsx registers its own on the main thread alone. A module whose import has
 * failed stays failed: this cannot wait for the error.
 */
async function registerHooks(): Promise<void> {
  if (!process.versions.node.startsWith('20.')) return
  const tsx = loaderIn([...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)])
  if (tsx === undefined) return
  try {
    const { createRequire: requireFrom } = modules
    const { resolve } = requireFrom(tsx.startsWith('file:') ? tsx : join(process.cwd(), 'any'))
    // Its CommonJS half does not find its own files.
    const api = new URL('dist/esm/api/index.mjs', pathToFileURL(resolve('tsx/package.json')))
    const { register } = await import(/* webpackIgnore: true */ /* @vite-ignore */ api.href)
    register()
  } catch {
    // A tsx that has no such thing: the import of the task module will say what is wrong.
  }
}

/** What `--import` names, when that is tsx. */
function loaderIn(args: readonly string[]): string | undefined {
  const named = args.map((arg, i) => (arg === '--import' ? args[i + 1] : /^--import=(.*)/.exec(arg)?.[1]))
  return named.find((name) => name !== undefined && /^tsx(\/esm)?$|\/tsx\/dist\/(loader|esm\/index)\.mjs$/.test(name))
}
