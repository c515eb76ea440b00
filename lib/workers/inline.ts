/** Inline functions: source text out, function back. */
import { InlineClosureError, OptionError } from '../errors.js'

/** Helpers that compilers leave in function sources: esbuild's `__name(fn, 'name')` under keepNames, as tsx uses it. */
const HELPERS = ['__name']
const helperValues = [<F>(fn: F): F => fn]

/** What may stand between two tokens. */
const GAP = String.raw`(?:\s|/\*[\s\S]*?\*/|//[^\n]*\n)*`
const WORD = String.raw`#?[\p{ID_Start}$_\\][\p{ID_Continue}$\u200c\u200d\\{}]*`
const TEXT = String.raw`"(?:[^"\\]|\\[\s\S])*"|'(?:[^'\\]|\\[\s\S])*'`
const DIGITS = String.raw`[\d.][\w.]*(?:[+-]\d+)?`
const WORD_END = String.raw`(?![\p{ID_Continue}$\u200c\u200d\\])`
const ACCESSOR = new RegExp(`^(?:get|set)${WORD_END}${GAP}(?![(=\\s/])`, 'u')
const ASYNC = new RegExp(`^async${WORD_END}${GAP}(?![(\\s/])`, 'u')
const KEY = new RegExp(`^(?:${WORD}|${TEXT}|${DIGITS})${GAP}(?=\\()`, 'u')

/**
 * The text of a function that can be compiled elsewhere. Nothing of the function is run.
 * @throws OptionError for natives, bound functions, classes, generators and accessors, and for what only compiles where
 * it stands: private names of a class, `super`
 */
export function inlineSource(fn: (...args: never[]) => unknown): string {
  const text = Function.prototype.toString.call(fn)
  const name = fn.name || 'the function'
  const refuse = (what: string): OptionError =>
    new OptionError(`parallel(fn): ${name} is ${what} and cannot be sent as source text. ${mainForm(fn.name)}`)
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text)) throw refuse('a native or bound function')
  if (isClass(fn)) throw refuse('a class')
  if (/Generator/.test(Object.prototype.toString.call(fn))) throw refuse('a generator function')
  if (ACCESSOR.test(text)) throw refuse(`a ${text.slice(0, 3)}ter`)
  try {
    compileInline(text, fn.name)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    if (cause instanceof EvalError)
      throw new OptionError(
        `parallel(fn): ${name} travels as source text, which may not be compiled here: ${why}. ${mainForm(fn.name)}`,
        { cause },
      )
    throw new OptionError(
      `parallel(fn): the source text of ${name} cannot be compiled on its own, in strict mode: ${why}. ${mainForm(fn.name)}`,
      { cause },
    )
  }
  return text
}

/** True for what only `new` may call. A frozen function has a read-only prototype too, but another text. */
export function isClass(fn: object): boolean {
  return (
    Object.getOwnPropertyDescriptor(fn, 'prototype')?.writable === false &&
    /^(?:class\b|@)/.test(Function.prototype.toString.call(fn))
  )
}

/**
 * The function of a source text, under `name`.
 * @throws SyntaxError, or EvalError where code may not be made from strings
 */
export function compileInline(text: string, name: string): (...args: unknown[]) => unknown {
  let problem: unknown
  for (const expression of expressionsOf(text)) {
    try {
      const make = new Function(...HELPERS, `'use strict'; return (${expression}\n)`)
      const fn = make(...helperValues) as (...args: unknown[]) => unknown
      if (fn.name !== name) Object.defineProperty(fn, 'name', { value: name, configurable: true })
      return fn
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      // What is wrong with a method is said of the function that was made of it, not of the text as it stands.
      problem = error
    }
  }
  throw problem
}

/**
 * The ways to read a function's text as an expression. Arrows and function expressions are one; a method (`double(x) {…}`,
 * `async 'a b'() {…}`, `[key]() {…}`, `#hidden() {…}`) becomes a function without its key, which might mean nothing elsewhere
 * and, computed, would be run. As it stands first: of both, only functions may be read that way.
 */
function* expressionsOf(text: string): Iterable<string> {
  yield text
  const start = ASYNC.exec(text)?.[0]
  // A method may be called async, so that the word is its key.
  const heads = start === undefined ? [''] : [start, '']
  for (const head of heads) {
    const rest = text.slice(head.length)
    const prefix = head === '' ? 'function ' : 'async function '
    const key = KEY.exec(rest)?.[0]
    if (key !== undefined) yield prefix + rest.slice(key.length)
    else if (rest.startsWith('[')) {
      // The key ends at a bracket after which the text compiles: brackets may stand in its strings.
      for (const { index, 0: end } of rest.matchAll(new RegExp(`\\]${GAP}(?=\\()`, 'g')))
        yield prefix + rest.slice(index + end.length)
    }
  }
}

/** A task function that came as source text. */
interface InlineTask {
  readonly name: string
  readonly text: string
}

/**
 * What an inline function threw, explained where that is nearly certain: a ReferenceError is a variable that its source
 * text did not bring along, and a property of undefined that the text reads of `this` is the object that it was taken from.
 */
export function explainText(error: unknown, { name, text }: InlineTask): unknown {
  const closure = (variable: string, what: string): InlineClosureError =>
    new InlineClosureError(
      `inline task "${name}" uses ${what}, but only its source text travels to the worker. ${advice(variable)}` +
        `Pass what it needs as an argument, or define it in a module. ${mainForm(name)}`,
      variable,
      { cause: error },
    )
  if (error instanceof ReferenceError) {
    const variable = /^(\S+) is not defined$/.exec(error.message)?.[1]
    return variable === undefined ? error : closure(variable, `the variable "${variable}"`)
  }
  if (!(error instanceof TypeError)) return error
  const property = /^Cannot (?:read|set) properties of undefined \(\w+ '(.+)'\)$/.exec(error.message)?.[1]
  if (property === undefined || !/^[\w$]+$/.test(property)) return error
  const usesThis = new RegExp(`\\bthis${GAP}\\.${GAP}${property.replaceAll('$', '\\$')}(?![\\w$])`).test(text)
  return usesThis ? closure('this', `"this.${property}"`) : error
}

const HELPERS_OF_COMPILERS =
  /^_(?:ts(?:Generator|Decorate|Metadata|Param)|async(?:ToGenerator|Iterator|GeneratorDelegate)|(?:await|wrap)AsyncGenerator|objectSpread\w*|objectWithoutProperties\w*|class(?:CallCheck|Private\w+|StaticPrivate\w+|Apply\w+)|createClass|createSuper|callSuper|defineProperty|definePropertyDescriptor|toConsumableArray|toArray|toPropertyKey|slicedToArray|arrayWith\w+|iterableTo\w+|createForOfIteratorHelper\w*|typeof?|typeOf|instanceof|interopRequire\w+|extends|taggedTemplateLiteral\w*|inherits\w*|getPrototypeOf|construct|usingCtx|regenerator\w*|applyDecs\w*)$/

/** What a name that no author has written says of its maker. */
function advice(variable: string): string {
  if (/^(?:cov_\w+|__cov_\S+|__coverage__|_\$jscoverage)$/.test(variable))
    return 'It looks like a counter of a coverage tool such as istanbul: measure with c8, or leave this file out. '
  if (/^(?:__vite_ssr_\w+|__vi_import\w+|\w+__WEBPACK_\w+|__webpack_\w+|import_\w+|\w+_1)$/.test(variable))
    return 'It looks like an import, as a compiler or bundler writes it. '
  const camel = variable.replace(/(?<!^)_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  if (/^__(?!(?:dir|file)name$)\w+|^(?:regeneratorRuntime|tslib)/.test(variable) || HELPERS_OF_COMPILERS.test(camel))
    return "It looks like a helper that a compiler has put in: with a newer target, such as ES2022, it isn't needed. "
  return ''
}

/** How the function would be written so that it may use what is around it. */
function mainForm(name: string): string {
  const key = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : 'task'
  return `The main form may use everything in its module:\n  export const { ${key} } = parallel(import.meta, { ${key}(…) { … } })`
}
