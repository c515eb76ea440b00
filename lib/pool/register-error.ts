import { OptionError } from '../errors.js'
import { registeredErrors } from '../workers/index.js'

/**
 * Errors of this class arrive as what they are: `instanceof` holds, and its getters and methods are there. Call it at the top
 * level of a module that host and workers both import. The constructor does not run again; fields travel with the other
 * properties, `#private` ones do not.
 * @param options `name`: what the class is called on the way, the same on both sides; default: its own name. Give one where
 * a bundler renames classes, or two classes have the same name.
 * @throws OptionError `ERR_PARALLEL_OPTION` for what is no class of errors, or when another class has the name
 * @example
 * export class PaymentError extends Error {}
 * registerError(PaymentError)
 */
export function registerError<E extends Error>(
  type: new (...args: any[]) => E,
  options?: { readonly name?: string | undefined },
): void {
  if (typeof type !== 'function' || !(type.prototype instanceof Error))
    throw new OptionError(`registerError() needs a class that extends Error, not ${String(type)}`)
  const name = options?.name ?? type.name
  if (typeof name !== 'string' || name === '')
    throw new OptionError('registerError(): the class has no name: give it one, as { name }')
  const known = registeredErrors().get(name)
  if (known !== undefined && known !== type)
    throw new OptionError(`registerError(): another class is registered as "${name}": give one of them a { name }`)
  registeredErrors().set(name, type)
}
