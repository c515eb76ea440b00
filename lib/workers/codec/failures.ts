/**
 * What a task threw, as a plain value that structured clone carries, and back. Built-in classes and the library's own
 * keep their class; others arrive as an Error with their name; own properties and `cause` travel along.
 */
import * as errors from '../../errors.js'
import { restored, type Snapshot, snapshot } from './payload.js'

interface Failure {
  readonly thrown?: unknown
  readonly type?: string
  readonly message?: string
  readonly stack?: string | undefined
  readonly name?: string
  readonly hasCause?: boolean
  readonly cause?: Failure
  readonly errors?: readonly Failure[]
  readonly properties?: Record<string, unknown>
}

const builtIns: Record<string, new (message: string) => Error> = {
  Error,
  TypeError,
  RangeError,
  ReferenceError,
  SyntaxError,
  EvalError,
  URIError,
}
const { brandOf, ...classes } = errors
const own = new Map<string, { readonly prototype: object }>()
const nameByCode = new Map<string, string>()
for (const [name, type] of Object.entries(classes)) {
  own.set(name, type)
  if ('CODE' in type) nameByCode.set(type.CODE, name)
}

const DEPTH_LIMIT = 8

export function snapshotFailure(error: unknown, task: string): Snapshot {
  try {
    return snapshot(describe(error, 0), 'the error', task)
  } catch {
    return snapshot(describeBare(error), 'the error', task)
  }
}

/** What a task threw on the thread of its caller, as it would have come from another. */
export function clonedFailure(error: unknown, task: string): unknown {
  return reviveFailure(restored(snapshotFailure(error, task)))
}

export function reviveFailure(value: unknown): unknown {
  return revive(value as Failure)
}

function describe(error: unknown, depth: number): Failure {
  if (!(error instanceof Error)) return { thrown: error }
  const bare = describeBare(error)
  const properties: Record<string, unknown> = {}
  for (const key of Object.getOwnPropertyNames(error)) {
    if (key === 'message' || key === 'stack' || key === 'cause' || key === 'errors' || key === 'name') continue
    properties[key] = Reflect.get(error, key)
  }
  const nested = depth < DEPTH_LIMIT
  return {
    ...bare,
    properties,
    ...(nested && Object.hasOwn(error, 'cause') ? { cause: describe(error.cause, depth + 1) } : {}),
    ...(nested && error instanceof AggregateError ? { errors: error.errors.map((e) => describe(e, depth + 1)) } : {}),
  }
}

/** What always travels, also when a property or the cause cannot be cloned, or throws when it is read. */
function describeBare(error: unknown): Failure {
  if (!(error instanceof Error)) return { type: 'Error', name: 'Error', message: `a task threw ${textOf(() => error)}` }
  return {
    type: typeOf(error),
    name: textOf(() => error.name),
    message: textOf(() => error.message),
    stack: textOf(() => error.stack),
  }
}

function textOf(read: () => unknown): string {
  try {
    return String(read())
  } catch {
    return '(a value that cannot be read)'
  }
}

function typeOf(error: Error): string {
  if (error instanceof AggregateError) return 'AggregateError'
  const brand = brandOf(error)
  const name = brand === undefined ? undefined : nameByCode.get(brand)
  if (name !== undefined) return name
  for (let proto = Object.getPrototypeOf(error); proto !== null; proto = Object.getPrototypeOf(proto)) {
    const name: unknown = proto.constructor?.name
    if (typeof name !== 'string') continue
    if (builtIns[name]?.prototype === proto) return name
  }
  return 'Error'
}

function revive(failure: Failure): unknown {
  if ('thrown' in failure) return failure.thrown
  const { type = 'Error', message = '', name = type } = failure
  const error = create(type, message, failure)
  define(error, 'message', message)
  if (failure.stack !== undefined) define(error, 'stack', failure.stack)
  if (error.name !== name) define(error, 'name', name)
  if (failure.cause !== undefined) define(error, 'cause', revive(failure.cause))
  for (const [key, value] of Object.entries(failure.properties ?? {})) {
    Object.defineProperty(error, key, { value, configurable: true, enumerable: key !== 'code', writable: true })
  }
  return error
}

function create(type: string, message: string, failure: Failure): Error {
  if (type === 'AggregateError') return new AggregateError((failure.errors ?? []).map(revive), message)
  const ours = own.get(type)
  // The fields of our own classes are own properties and arrive with the others.
  if (ours !== undefined) return Object.setPrototypeOf(new Error(message), ours.prototype) as Error
  const BuiltIn = builtIns[type] ?? Error
  return new BuiltIn(message)
}

function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, configurable: true, enumerable: false, writable: true })
}
