/**
 * What a task threw. Structured clone would keep of an error its message, its stack and its cause; here all that it has
 * travels, wherever it is in what was thrown: its class (error-classes.ts), its own properties, enumerable or not, and with
 * them causes, the errors of an AggregateError, and all that is shared or goes in circles among them.
 */
import { PayloadError } from '../../errors.js'
import { Encoder } from './encoder.js'
import { type Describe, type ErrorDescription, type ErrorHead, isError, typesOf } from './error-classes.js'
import { restored, type Snapshot, snapshot } from './payload.js'
import { refusal } from './refusal.js'

/** Never throws: of what cannot be carried the rest is, and a stack says what is missing. */
export function snapshotFailure(thrown: unknown, task: string): Snapshot {
  const ways = [
    () => snapshot(thrown, 'the error', task, describeAll),
    () => snapshot(isError(thrown) ? thrown : standIn(thrown), 'the error', task, carriable(task)),
    // It was something else when it was looked at again.
    () => snapshot(isError(thrown) ? thrown : standIn(thrown), 'the error', task, describeBare),
  ]
  for (const way of ways) {
    try {
      return way()
    } catch {
      // Something in it cannot be carried, or read.
    }
  }
  return snapshot(new Error('a task threw what cannot be read'), 'the error', task, describeAll)
}

/** What a task threw on the thread of its caller, as it would have come from another. */
export function clonedFailure(error: unknown, task: string): unknown {
  return restored(snapshotFailure(error, task))
}

/** @throws what a getter throws */
function describeAll(error: Error): ErrorDescription {
  return { ...headOf(error), properties: keysOf(error).map((key) => property(error, key, Reflect.get(error, key))) }
}

function describeBare(error: Error): ErrorDescription {
  return { ...headOf(error), properties: [] }
}

/** Each value is tried, and left out when it cannot be carried. */
function carriable(task: string): Describe {
  return (error) => {
    const head = headOf(error)
    const missing: string[] = []
    const properties: ErrorDescription['properties'][number][] = []
    for (const key of attempt(() => keysOf(error), [])) {
      try {
        const value: unknown = Reflect.get(error, key)
        const why = whyNot(value, key, task)
        if (why === undefined) properties.push(property(error, key, value))
        else if (key === 'errors' && Array.isArray(value)) {
          // Which of them cannot be carried is seen by its place.
          properties.push(
            property(
              error,
              key,
              value.map((item, i) => carriableItem(item, i, task)),
            ),
          )
        } else missing.push(why)
      } catch (why) {
        missing.push(`${key}: ${textOf(() => why)}`)
      }
    }
    if (missing.length === 0) return { ...head, properties }
    const lines = [head.stack ?? `${head.name}: ${head.message}`, ...missing.map((what) => `    (${what})`)]
    return { ...head, stack: lines.join('\n'), properties }
  }
}

function carriableItem(item: unknown, index: number, task: string): unknown {
  const why = whyNot(item, `errors[${index}]`, task)
  return why === undefined ? item : unplaced(new PayloadError(why))
}

const trial = new Encoder()

/** Why a value beside the errors in it cannot be carried. */
function whyNot(value: unknown, key: string, task: string): string | undefined {
  const encoder = trial.isBusy ? new Encoder() : trial
  try {
    encoder.encode(value, undefined, () => undefined)
    return undefined
  } catch (error) {
    return attempt(() => refusal(error, value, key, task).message, `${key}: ${textOf(() => error)}`)
  } finally {
    encoder.release()
  }
}

function headOf(error: Error): ErrorHead {
  const stack = attempt<unknown>(() => error.stack, undefined)
  return {
    types: attempt(() => typesOf(error), ['Error']),
    name: textOf(() => error.name),
    message: textOf(() => error.message),
    stack: typeof stack === 'string' ? stack : undefined,
  }
}

/** Of what the head does not say. */
function keysOf(error: Error): string[] {
  return Object.getOwnPropertyNames(error).filter((key) => {
    if (key === 'message') return Object.prototype.propertyIsEnumerable.call(error, key)
    return key !== 'stack' || !['string', 'undefined'].includes(attempt(() => typeof error.stack, 'undefined'))
  })
}

function property(error: Error, key: string, value: unknown): ErrorDescription['properties'][number] {
  return [key, Object.prototype.propertyIsEnumerable.call(error, key), value]
}

/** In place of what is no error, and cannot be carried. */
function standIn(thrown: unknown): Error {
  return unplaced(new PayloadError(`a task threw ${textOf(() => thrown)}, which cannot be carried to another thread`))
}

/** Without a stack: it would be that of this place. */
function unplaced(error: Error): Error {
  Reflect.deleteProperty(error, 'stack')
  return error
}

function textOf(read: () => unknown): string {
  return attempt(() => String(read()), '(a value that cannot be read)')
}

function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}
