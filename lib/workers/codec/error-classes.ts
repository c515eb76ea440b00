/**
 * The classes of errors, which travel as names: an error is made of the nearest class that its reader has too, built-in, of
 * the library, or registered.
 */
import * as errors from '../../errors.js'
import { registeredErrors } from '../registered-errors.js'
import { defineHidden } from './own-properties.js'

/** What an error is made of before it has properties. */
export interface ErrorHead {
  /** The names of its class and of those it extends, as far as another thread may have them; the nearest comes first. */
  readonly types: readonly string[]
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
}

/** An error as it is encoded. */
export interface ErrorDescription extends ErrorHead {
  readonly properties: readonly (readonly [key: string, isEnumerable: boolean, value: unknown])[]
}

/** Of an error within what was thrown; undefined: it is written as null. */
export type Describe = (error: Error) => ErrorDescription | undefined

type ErrorClass = { readonly prototype: object }

const builtIns: Readonly<Record<string, new (message: string) => Error>> = {
  Error,
  TypeError,
  RangeError,
  ReferenceError,
  SyntaxError,
  EvalError,
  URIError,
}
const { brandOf, ...classes } = errors
const own = new Map<string, ErrorClass>()
const nameByCode = new Map<string, string>()
for (const [name, type] of Object.entries(classes)) {
  if (typeof type !== 'function' || !('CODE' in type)) continue
  own.set(name, type as unknown as ErrorClass)
  nameByCode.set(type.CODE, name)
}

/** Whatever it is, a revoked proxy too: it does not throw. */
export function isError(value: unknown): value is Error {
  try {
    return value instanceof Error
  } catch {
    return false
  }
}

/** @throws what a proxy among its prototypes throws */
export function typesOf(error: Error): string[] {
  const types: string[] = []
  const brand = brandOf(error)
  const ours = brand === undefined ? undefined : nameByCode.get(brand)
  for (let proto = Object.getPrototypeOf(error); proto !== null; proto = Object.getPrototypeOf(proto)) {
    const registered = nameOfRegistered(proto)
    if (registered !== undefined) types.push(registered)
    const name: unknown = Object.getOwnPropertyDescriptor(proto, 'constructor')?.value?.name
    if (typeof name !== 'string') continue
    if (proto === DOMException.prototype || proto === AggregateError.prototype || builtIns[name]?.prototype === proto) {
      if (ours !== undefined) types.push(ours) // of whichever copy: before what it extends
      types.push(name)
      return types
    }
  }
  return ours === undefined ? [...types, 'Error'] : [...types, ours]
}

function nameOfRegistered(proto: object): string | undefined {
  for (const [name, type] of registeredErrors()) if (type.prototype === proto) return name
  return undefined
}

/** An error of the nearest class that this thread has, without a run of a constructor of the user's. */
export function createError({ types, name, message, stack }: ErrorHead): Error {
  const base = types.at(-1) ?? 'Error'
  const error = types.includes('AggregateError')
    ? new AggregateError([], message)
    : base === 'DOMException'
      ? new DOMException(message, name)
      : new (Object.hasOwn(builtIns, base) ? (builtIns[base] as ErrorConstructor) : Error)(message)
  for (const type of types) {
    const known = registeredErrors().get(type) ?? own.get(type)
    if (known === undefined) continue
    Object.setPrototypeOf(error, known.prototype)
    break
  }
  if (error.message !== message) defineHidden(error, 'message', message) // a DOMException keeps its own where nobody writes
  if (stack === undefined) Reflect.deleteProperty(error, 'stack')
  else defineHidden(error, 'stack', stack)
  if (error.name !== name) defineHidden(error, 'name', name)
  return error
}
