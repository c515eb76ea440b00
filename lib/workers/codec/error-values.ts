/** Errors, written and read: as structured clone keeps them, and what was thrown with all that it has. */
import { createError, type ErrorDescription, type ErrorHead } from './error-classes.js'
import { defineHidden } from './own-properties.js'
import * as tags from './tags.js'
import type { ValueReader } from './value-reader.js'
import type { ValueWriter } from './value-writer.js'

const errorClasses = new Map<unknown, number>(tags.ERROR_CLASSES.map(({ name }, type) => [name, type]))

/** The built-in class that structured clone takes an error for. @throws what its name throws */
export function errorType(error: Error): number {
  return errorClasses.get(`${error.name}`) ?? 0
}

/** What structured clone keeps of an error. */
export function writeError(to: ValueWriter, value: Error, depth: number): void {
  const type = errorType(value)
  const message = Object.getOwnPropertyDescriptor(value, 'message')
  const hasMessage = message !== undefined && 'value' in message
  const stack = Object.hasOwn(value, 'stack') ? value.stack : undefined
  const hasStack = typeof stack === 'string'
  const cause = Object.getOwnPropertyDescriptor(value, 'cause')
  const hasCause = cause !== undefined && 'value' in cause
  to.byte(tags.ERROR)
  to.byte(
    type | (hasMessage ? tags.HAS_MESSAGE : 0) | (hasStack ? tags.HAS_STACK : 0) | (hasCause ? tags.HAS_CAUSE : 0),
  )
  if (hasMessage) to.text(String(message.value))
  if (hasStack) to.text(stack)
  if (hasCause) to.value(cause.value, depth + 1)
}

/** All of an error but its properties: they follow, at once or later. */
export function writeFailure(to: ValueWriter, tag: number, { types, name, message, stack }: ErrorHead): void {
  to.byte(tag)
  to.count(types.length)
  for (const type of types) to.text(type)
  to.text(name)
  to.text(message)
  to.byte(stack === undefined ? 0 : 1)
  if (stack !== undefined) to.text(stack)
}

export function writeProperties(to: ValueWriter, properties: ErrorDescription['properties'], depth: number): void {
  to.count(properties.length)
  for (const [key, isEnumerable, value] of properties) {
    to.text(key)
    to.byte(isEnumerable ? 1 : 0)
    to.value(value, depth + 1)
  }
}

/** An empty one. */
export function newError(head: number): Error {
  const type = tags.ERROR_CLASSES[head & tags.ERROR_CLASS_MASK]
  if (type === undefined) throw new RangeError('an error of no class')
  return new type()
}

export function readError(from: ValueReader, error: Error, head: number): Error {
  if ((head & tags.HAS_MESSAGE) !== 0) defineHidden(error, 'message', from.text())
  defineHidden(error, 'stack', (head & tags.HAS_STACK) !== 0 ? from.text() : undefined)
  if ((head & tags.HAS_CAUSE) !== 0) defineHidden(error, 'cause', from.read())
  return error
}

export function readFailure(from: ValueReader): Error {
  const types = Array.from({ length: from.countOf(1) }, () => from.text())
  const [name, message] = [from.text(), from.text()]
  return createError({ types, name, message, stack: from.byte() === 1 ? from.text() : undefined })
}

export function readProperties(from: ValueReader, error: Error): Error {
  for (let left = from.countOf(3); left > 0; left--) {
    const key = from.text()
    const enumerable = from.byte() === 1
    Object.defineProperty(error, key, { value: from.read(), configurable: true, enumerable, writable: true })
  }
  return error
}
