/** What names a task module, checked where it is given. */
import { OptionError } from '../errors.js'
import { wrong } from '../pool/index.js'
import { inTestRunner, isPath, urlOfPath } from '../workers/index.js'

/** What names a task module: import.meta, a URL (whose type is not known everywhere), or `__filename` in CommonJS. */
export type TaskSource = { readonly url: string } | { readonly href: string } | string

/**
 * True where the host's loader rewrites the modules that it loads, while workers import the files as they are: a
 * function's text then differs between threads. Vitest and Jest do so, and whatever else runs modules by Vite.
 * @param source what was passed to `parallel()`
 */
export function isRewritten(source: unknown): boolean {
  return inTestRunner || (typeof source === 'object' && source !== null && 'env' in source) // Vite's import.meta.env
}

const IMPORTABLE = ['file:', 'data:', 'http:', 'https:']

/**
 * The URL that workers import.
 * @throws OptionError
 */
export function urlOf(source: unknown, where: string): string {
  const named = source as { url?: unknown; href?: unknown } | null | undefined
  const url = typeof source === 'string' ? source : (named?.url ?? named?.href)
  if (typeof url !== 'string' || url === '') throw noUrl(source, where)
  const checked = isPath(url) ? urlOfPath(url) : checkUrl(url, where)
  // [eval1], [stdin], [worker eval]: text that lies in no file.
  if (/\[[\w ]+\]$/.test(decodeURI(checked)) && checked.startsWith('file:'))
    throw new OptionError(
      `${where}: a worker cannot import ${url}, which is no file: put the tasks into one of their own`,
    )
  return checked
}

function noUrl(source: unknown, where: string): OptionError {
  const all = wrong(`${where}: source`, source, 'import.meta or a URL').message
  if (typeof source !== 'object' || source === null || Array.isArray(source)) return new OptionError(all)
  if (typeof (source as { filename?: unknown }).filename === 'string')
    return new OptionError(`${all}. In CommonJS pass __filename.`)
  return new OptionError(
    `${all} whose url is ${String((source as { url?: unknown }).url)}. A bundle in CommonJS format leaves import.meta empty: pass __filename ` +
      '(where a file is built both ways, `typeof __filename === "string" ? __filename : import.meta`), or bundle to ESM.',
  )
}

function checkUrl(url: string, where: string): string {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch (cause) {
    const hint = url.startsWith('[') ? 'put the tasks into a file' : 'pass import.meta'
    throw new OptionError(`${where}: ${JSON.stringify(url)} is no absolute URL; ${hint}`, { cause })
  }
  if (!IMPORTABLE.includes(parsed.protocol))
    throw new OptionError(`${where}: a worker cannot import ${url}; pass import.meta of a file`)
  return url
}

/**
 * The module that `importTasks` is given: a URL, an absolute path, or the id of one that is served.
 * @throws OptionError
 */
export function moduleOf(module: unknown, where: string): { readonly url?: string; readonly id?: string } {
  const { href } = Object(module)
  if (typeof href === 'string') return { url: urlOf(href, where) }
  if (typeof module === 'string' && (isPath(module) || URL.canParse(module))) return { url: urlOf(module, where) }
  if (typeof module !== 'string' || module === '') throw wrong(`${where}: module`, module, 'a URL, or an id')
  if (looksLikePath(module)) {
    const relative = /^\.\.?\//.test(module) ? module : `./${module}`
    throw new OptionError(
      `${where}: ${JSON.stringify(module)} is no absolute URL, and nobody knows what it is relative to. Pass ` +
        `new URL(${JSON.stringify(relative)}, import.meta.url), or for a package import.meta.resolve(${JSON.stringify(module)})`,
    )
  }
  return { id: module }
}

/**
 * A name for a module in place of its URL.
 * @throws OptionError
 */
export function checkId(id: unknown, where: string): string | undefined {
  if (id === undefined) return undefined
  if (typeof id !== 'string' || id === '') throw wrong(`${where}: id`, id, 'a name')
  if (looksLikePath(id) || isPath(id) || URL.canParse(id))
    throw wrong(`${where}: id`, id, 'a name such as "image", neither a path nor a URL')
  return id
}

function looksLikePath(text: string): boolean {
  return /^\.\.?(?:[\\/]|$)|\\|\.[cm]?[jt]sx?$|[#?]/.test(text)
}
