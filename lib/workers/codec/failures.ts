/**
 * What a task threw, as a plain value that the codec carries, and back. An error keeps its class where this thread has the
 * same: built-in, of the library, or registered; else it arrives as the nearest of them, under its own name. Its own
 * properties travel, enumerable or not, and its causes, with all that is shared or goes in circles among them.
 */
import * as errors from '../../errors.js'
import { registeredErrors } from '../registered-errors.js'
import { restored, type Snapshot, snapshot } from './payload.js'

/** An error, or what was thrown, or stands, in place of one. */
type Thrown = { readonly error: Failure } | { readonly value: unknown }

interface Failure {
  /** The names of its class and of those it extends, as far as another thread may have them; the nearest comes first. */
  readonly types: readonly string[]
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  /** Key, enumerable, value. `cause` and `errors` are among them. */
  readonly properties: (readonly [string, boolean, Thrown | Thrown[]])[]
}

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

export function snapshotFailure(error: unknown, task: string): Snapshot {
  try {
    return snapshot(describe(error, task, false), 'the error', task)
  } catch {
    // Something in it cannot be carried: the rest is, and its stack says what is missing.
    return snapshot(describe(error, task, true), 'the error', task)
  }
}

/** What a task threw on the thread of its caller, as it would have come from another. */
export function clonedFailure(error: unknown, task: string): unknown {
  return reviveFailure(restored(snapshotFailure(error, task)))
}

/** @param isPicky whether each value is tried, and left out when it cannot be carried */
function describe(thrown: unknown, task: string, isPicky: boolean): Thrown {
  const known = new Map<Error, Failure>()
  const todo: [Error, Failure][] = []
  const wrap = (value: unknown): Thrown => {
    if (!(value instanceof Error)) return { value }
    let failure = known.get(value)
    if (failure === undefined) {
      failure = describeBare(value)
      known.set(value, failure)
      todo.push([value, failure])
    }
    return { error: failure }
  }
  const root = isPicky && !(thrown instanceof Error) ? { error: describeBare(thrown) } : wrap(thrown)
  for (let next = todo.pop(); next !== undefined; next = todo.pop())
    describeProperties(...next, wrap, isPicky ? task : '')
  return root
}

function describeProperties(error: Error, failure: Failure, wrap: (value: unknown) => Thrown, picky: string): void {
  const missing: string[] = []
  for (const key of Object.getOwnPropertyNames(error)) {
    if (key === 'message' || key === 'stack' || key === 'name') continue
    const enumerable = Object.prototype.propertyIsEnumerable.call(error, key)
    try {
      const value: unknown = Reflect.get(error, key)
      const isList = key === 'errors' && error instanceof AggregateError && Array.isArray(value)
      const items = isList ? value : [value]
      if (picky !== '') for (const item of items) if (!(item instanceof Error)) snapshot(item, key, picky)
      failure.properties.push([key, enumerable, isList ? items.map(wrap) : wrap(value)])
    } catch (why) {
      if (picky === '') throw why
      missing.push(`${why instanceof errors.PayloadError ? why.message : `${key}: ${textOf(() => why)}`}`)
    }
  }
  if (missing.length > 0)
    Object.assign(failure, {
      stack: [failure.stack ?? `${failure.name}: ${failure.message}`, ...missing.map((what) => `    (${what})`)].join(
        '\n',
      ),
    })
}

/** What always travels, also when a property or the cause cannot be cloned, or throws when it is read. */
function describeBare(error: unknown): Failure {
  const properties: Failure['properties'] = []
  if (!(error instanceof Error)) {
    const message = `a task threw ${textOf(() => (typeof error === 'symbol' ? String(error) : error))}`
    return { types: ['Error'], name: 'Error', message, stack: undefined, properties }
  }
  return {
    types: typesOf(error),
    name: textOf(() => error.name),
    message: textOf(() => error.message),
    stack: textOf(() => error.stack),
    properties,
  }
}

function textOf(read: () => unknown): string {
  try {
    return String(read())
  } catch {
    return '(a value that cannot be read)'
  }
}

function typesOf(error: Error): string[] {
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

/** @throws PayloadError for a value that describes no failure */
export function reviveFailure(described: unknown): unknown {
  try {
    return revive(described)
  } catch (cause) {
    throw new errors.PayloadError('what a task threw has come in broken bytes', { cause })
  }
}

function revive(described: unknown): unknown {
  const known = new Map<Failure, Error>()
  const todo: [Failure, Error][] = []
  const unwrap = (thrown: Thrown): unknown => {
    if (!('error' in thrown)) return thrown.value
    const failure = thrown.error
    let error = known.get(failure)
    if (error === undefined) {
      error = create(failure)
      known.set(failure, error)
      todo.push([failure, error])
    }
    return error
  }
  const root = unwrap(described as Thrown)
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const [{ properties }, error] = next
    for (const [key, enumerable, thrown] of properties) {
      const value = Array.isArray(thrown) ? thrown.map(unwrap) : unwrap(thrown)
      Object.defineProperty(error, key, { value, configurable: true, enumerable, writable: true })
    }
  }
  return root
}

/** An error of the nearest class that this thread has, without a run of a constructor of the user's. */
function create({ types, name, message, stack }: Failure): Error {
  const base = types.at(-1) as string
  const error = types.includes('AggregateError')
    ? new AggregateError([], message)
    : base === 'DOMException'
      ? new DOMException(message, name)
      : new (builtIns[base] ?? Error)(message)
  for (const type of types) {
    const known = registeredErrors().get(type) ?? own.get(type)
    if (known === undefined) continue
    Object.setPrototypeOf(error, known.prototype)
    break
  }
  define(error, 'message', message)
  if (stack !== undefined) define(error, 'stack', stack)
  if (error.name !== name) define(error, 'name', name)
  return error
}

function define(error: Error, key: string, value: unknown): void {
  if (key === 'message' && error.message === value) return // a DOMException keeps its own where nobody writes
  Object.defineProperty(error, key, { value, configurable: true, enumerable: false, writable: true })
}
