/** Inline functions: source text out, function back. */
import { OptionError } from '../errors.js'

/** Helpers that compilers leave in function sources: esbuild's `__name(fn, 'name')` under keepNames, as tsx uses it. */
const HELPERS = ['__name']
const helperValues = [<F>(fn: F): F => fn]

/**
 * The text of a function that can be compiled elsewhere.
 * @throws OptionError for natives, bound functions, classes and generators
 */
export function inlineSource(fn: (...args: never[]) => unknown): string {
  const text = Function.prototype.toString.call(fn)
  const refuse = (what: string): OptionError =>
    new OptionError(
      `parallel(fn): ${fn.name || 'the function'} is ${what} and cannot be sent as source text. ` +
        'Define it in a module with parallel(import.meta, { … }).',
    )
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text)) throw refuse('a native or bound function')
  if (/^class\b(?!\s*\()/.test(text)) throw refuse('a class')
  if (/Generator/.test(Object.prototype.toString.call(fn))) throw refuse('a generator function')
  try {
    compileInline(text, fn.name)
  } catch (cause) {
    throw new OptionError(`parallel(fn): the source text of ${fn.name || 'the function'} cannot be compiled`, { cause })
  }
  return text
}

export function compileInline(text: string, name: string): (...args: unknown[]) => unknown {
  let make: (...helpers: unknown[]) => unknown
  try {
    make = new Function(...HELPERS, `'use strict'; return (${text})`) as typeof make
  } catch {
    // A method shorthand: `{ double(x) { … } }` gives `double(x) { … }`.
    make = new Function(...HELPERS, `'use strict'; return Object.values({ ${text} })[0]`) as typeof make
  }
  const fn = make(...helperValues)
  if (typeof fn !== 'function') throw new TypeError(`the source text of ${name} is no function`)
  return fn as (...args: unknown[]) => unknown
}
