/**
 * Arrays, written and read: those of nothing but numbers as their bytes, those with holes or other properties by their keys.
 */
import { put } from './own-properties.js'
import * as tags from './tags.js'
import type { ValueReader } from './value-reader.js'
import { isInteger, type ValueWriter } from './value-writer.js'

const isOwn = Object.prototype.hasOwnProperty
const { keys: keysOf, values: valuesOf } = Object
const { includes } = Array.prototype

export function writeArray(to: ValueWriter, value: readonly unknown[], depth: number): void {
  const { length } = value
  // As many values as elements, and no hole: there is no other property. Values are made at no cost, keys as texts.
  if (valuesOf(value).length !== length || (includes.call(value, undefined) && hasHole(value))) {
    writeSparse(to, value, keysOf(value), depth)
    return
  }
  if (length > 0 && typeof value[0] === 'number' && writeNumbers(to, value)) return
  to.byte(tags.ARRAY)
  to.count(length)
  for (let i = 0; i < length; i++) to.value(value[i], depth + 1)
}

/** False, and nothing written, when there is anything else than numbers in an array. */
function writeNumbers(to: ValueWriter, value: readonly unknown[]): boolean {
  const { length } = value
  let areIntegers = true
  for (let i = 0; i < length; i++) {
    const item = value[i]
    if (typeof item !== 'number') return false
    if (areIntegers && !isInteger(item)) areIntegers = false
  }
  to.byte(areIntegers ? tags.INTEGERS : tags.DOUBLES)
  to.count(length)
  const bytesEach = areIntegers ? 4 : 8
  to.reserve(length * bytesEach)
  const { view, at } = to
  if (areIntegers) for (let i = 0; i < length; i++) view.setInt32(at + 4 * i, value[i] as number, true)
  else for (let i = 0; i < length; i++) view.setFloat64(at + 8 * i, value[i] as number, true)
  to.at = at + length * bytesEach
  return true
}

function writeSparse(to: ValueWriter, value: readonly unknown[], keys: readonly string[], depth: number): void {
  to.byte(tags.SPARSE)
  to.count(value.length)
  to.count(keys.length)
  for (const key of keys) {
    const index = Number(key)
    if (index < 2 ** 32 - 1 && String(index >>> 0) === key) to.number(index)
    else to.text(key)
    to.value((value as unknown as Record<string, unknown>)[key], depth + 1)
  }
}

/** Among values that are undefined. */
function hasHole(array: readonly unknown[]): boolean {
  for (let i = 0; i < array.length; i++) if (array[i] === undefined && !isOwn.call(array, i)) return true
  return false
}

const MOST_ELEMENTS = 2 ** 32 - 1
const MOST_HOLES_EACH = 16
/** Above this, room for all elements is made at once. */
const MOST_PUSHED = 16

export function readElements(from: ValueReader, array: unknown[]): unknown[] {
  const length = from.countOf(1)
  for (let i = 0; i < length; i++) array.push(from.read())
  return array
}

export function readIntegers(from: ValueReader, array: unknown[]): unknown[] {
  const length = from.countOf(4)
  const { view } = from
  let at = from.take(4 * length)
  if (length > MOST_PUSHED) array.length = length // as many as there are bytes for
  for (let i = 0; i < length; i++, at += 4) array[i] = view.getInt32(at, true)
  return array
}

export function readDoubles(from: ValueReader, array: unknown[]): unknown[] {
  const length = from.countOf(8)
  const { view } = from
  let at = from.take(8 * length)
  if (length > MOST_PUSHED) array.length = length
  for (let i = 0; i < length; i++, at += 8) array[i] = view.getFloat64(at, true)
  return array
}

export function readSparse(from: ValueReader, array: unknown[]): unknown[] {
  const length = from.count()
  if (length > MOST_ELEMENTS) throw new RangeError(`an array of ${length} elements`)
  const count = from.countOf(2)
  // As the engine does itself with an array that is mostly holes: a table in place of room for all of them.
  if (length > MOST_HOLES_EACH * (count + MOST_HOLES_EACH)) array.length = MOST_ELEMENTS
  array.length = length
  for (let left = count; left > 0; left--) {
    const key = from.read()
    if (typeof key === 'number') {
      if (!(key >= 0 && key < length && Number.isInteger(key))) throw new RangeError(`element ${key} of ${length}`)
      array[key] = from.read()
    } else if (typeof key === 'string') put(array, key, from.read())
    else throw new RangeError('a key that is no string')
  }
  return array
}
