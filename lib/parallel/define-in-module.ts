/** A function of a task module becomes a definition: known by its module, its key and its source text. */
import { OptionError } from '../errors.js'
import type { AnyFunction } from '../pool/index.js'
import { type Definition, define, hashSource, isClass, NO_HASH } from '../workers/index.js'

export interface TaskIdentity {
  readonly url: string
  /** In place of the URL. */
  readonly id: string | undefined
  readonly key: string
  /** See `isRewritten`. */
  readonly rewritten: boolean
}

/**
 * @param written the function as it stands in the module: its text is compared between threads
 * @param fn what runs
 * @throws OptionError for classes and generators, and for a second function under one identity
 */
export function defineInModule(identity: TaskIdentity, written: AnyFunction, fn: AnyFunction): Definition {
  const { rewritten, ...origin } = identity
  const { key } = origin
  if (isClass(written)) throw new OptionError(`parallel: "${key}" is a class; a task is a function that may call new`)
  if (/Generator/.test(Object.prototype.toString.call(written)))
    throw new OptionError(`parallel: "${key}" is a generator function, whose iterator cannot travel; return an array`)
  const hash = rewritten ? NO_HASH : hashSource(Function.prototype.toString.call(written))
  return define(key, { kind: 'module', ...origin, hash }, fn)
}
