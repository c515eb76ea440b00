/**
 * Values to bytes: what structured clone carries, in one pass, without an object of its own per value.
 *
 * Below DEPTH_LIMIT the body of a container is put off until the root is written: its depth is limited by memory alone.
 * References are found by looking along the objects so far, and from a few dozen on in a map.
 *
 * What the user's getters do cannot break it: an object's values are read before any of them is written.
 */
import { types } from 'node:util'
import { PayloadError } from '../../errors.js'
import {
  BOX,
  BUFFER_VIEW,
  BYTES,
  brandOf,
  DATE_OBJECT,
  ERROR_OBJECT,
  MAP_OBJECT,
  NODE_BUFFER,
  PLAIN,
  PLATFORM,
  REGEXP_OBJECT,
  SET_OBJECT,
  SHARED_BYTES,
  slotsOf,
} from './brands.js'
import { ByteWriter } from './byte-writer.js'
import { type Describe, type ErrorDescription, isError } from './error-classes.js'
import { KeyList, type Room } from './key-lists.js'
import { FALSE, NULL, TRUE, UNDEFINED } from './kinds.js'
import type { Cargo } from './manifest.js'
import { detach, isMarked, whyNotNow } from './moves.js'
import { describeFunction } from './references.js'
import * as tags from './tags.js'

const isOwn = Object.prototype.hasOwnProperty
const { getPrototypeOf, keys: keysOf, values: valuesOf } = Object
const { includes } = Array.prototype
const plainPrototype = Object.prototype
const viewTypes = new Map<string, number>(tags.VIEW_CLASSES.map(({ name }, type) => [name, type]))
const typedArrayName = Object.getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)
  ?.get as (this: unknown) => string | undefined
const errorClasses = new Map<unknown, number>(tags.ERROR_CLASSES.map(({ name }, type) => [name, type]))

/** What neither bytes nor the platform can carry: where it is and why is found out afterwards. */
export const UNCARRIABLE = new Error('there is a value that cannot be carried')

/** Objects that are looked along before a map is made. */
const MOST_SCANNED = 24
const MOST_KEY_LISTS = 4_096
const NOT_OPEN = -1
const MOST_KEPT_VALUES = 1_024

export class Encoder extends ByteWriter {
  /** A clone of what bytes cannot carry. */
  side: readonly unknown[] | undefined
  /** What is not copied. */
  cargo: Cargo | undefined
  /** True while it encodes: the getters of a value may ask for another encoding. */
  isBusy = false
  readonly #sides: unknown[] = []
  readonly #shared: object[] = []
  readonly #moved: object[] = []
  readonly #objects: object[] = []
  #numbers: Map<object, number> | undefined
  /** Where a plain object began that has not ended, or NOT_OPEN, by its number. */
  readonly #open: number[] = []
  #count = 0
  /** Values of objects that are being written. */
  readonly #values: unknown[] = []
  #top = 0
  readonly #later: object[] = []
  #describe: Describe | undefined
  #lists = new KeyList([])
  #room: Room = { left: MOST_KEY_LISTS }
  #missed = 0
  #payload = 0
  #listsUsed = 0

  /**
   * What is marked is detached at the end: whatever throws before has moved nothing.
   * @param transfer moved, wherever it is
   * @param describe of what was thrown: errors keep all that they have, and nothing is moved
   * @throws UNCARRIABLE, or what a getter throws
   */
  encode(value: unknown, transfer: readonly object[] = NOTHING, describe?: Describe): void {
    this.isBusy = true
    try {
      this.release()
      this.#describe = describe
      this.#payload++
      this.#listsUsed = 0
      this.#value(value, 0)
      for (let i = 0; i < this.#later.length; i++) this.#body(this.#later[i] as object)
      if (this.#sides.length > 0) this.side = structuredClone([...this.#sides])
      this.checkApart()
      if (this.#shared.length + this.#moved.length + transfer.length > 0) this.#load(transfer)
    } finally {
      this.#forget()
      this.isBusy = false
    }
  }

  override release(): void {
    super.release()
    this.side = undefined
    this.cargo = undefined
  }

  #load(transfer: readonly object[]): void {
    for (const value of transfer) if (!this.#moved.includes(value)) this.#moved.push(value)
    if (transfer === NO_MOVES && this.#moved.length > 0)
      throw new PayloadError(
        'it goes to every worker, and what is moved can go to one. Pass it without move(), to be copied',
      )
    for (const value of this.#moved) if (whyNotNow(value) !== undefined) throw UNCARRIABLE
    const moved = this.#moved.length === 0 ? undefined : detach(this.#moved)
    this.cargo = { shared: [...this.#shared], moved }
  }

  #forget(): void {
    this.#describe = undefined
    const objects = this.#objects
    if (this.#numbers === undefined) for (let i = 0; i < this.#count; i++) objects[i] = this
    else {
      objects.length = 0
      this.#open.length = 0
      this.#numbers = undefined
    }
    this.#count = 0
    if (this.#later.length > 0) this.#later.length = 0
    if (this.#sides.length > 0) this.#sides.length = 0
    if (this.#shared.length > 0) this.#shared.length = 0
    if (this.#moved.length > 0) this.#moved.length = 0
    if (this.#top > 0 || this.#values.length > MOST_KEPT_VALUES) this.#values.length = 0 // it threw, or was large
    this.#top = 0
  }

  #value(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'number':
        this.#number(value)
        return
      case 'string':
        this.text(value)
        return
      case 'object':
        if (value === null) this.byte(NULL)
        else this.#object(value, depth)
        return
      case 'boolean':
        this.byte(value ? TRUE : FALSE)
        return
      case 'undefined':
        this.byte(UNDEFINED)
        return
      case 'bigint':
        this.#bigint(value)
        return
      case 'function':
        this.#function(value, depth)
        return
      default:
        throw UNCARRIABLE
    }
  }

  #number(value: number): void {
    if (!isInteger(value)) {
      this.byte(tags.DOUBLE)
      this.double(value)
    } else if (value >= 0 && value < tags.SMALL_LIMIT) this.byte(tags.SMALL_INTEGER + value)
    else {
      this.byte(tags.INTEGER)
      this.#zigzag(value)
    }
  }

  #zigzag(value: number): void {
    this.count(((value << 1) ^ (value >> 31)) >>> 0)
  }

  #bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.byte(tags.BIGINT64)
      this.reserve(8)
      this.view.setBigInt64(this.at, value, true)
      this.at += 8
      return
    }
    this.byte(tags.BIGINT)
    this.byte(value < 0n ? 1 : 0)
    this.text((value < 0n ? -value : value).toString(16)) // linear for a power of two
  }

  #function(value: object, depth: number): void {
    const description = describeFunction(value)
    if (description === undefined) throw UNCARRIABLE
    if (this.#isKnown(value)) return
    this.byte(tags.FUNCTION)
    this.#value(description, depth + 1)
  }

  /** Writes a reference to an object that has been before; else gives it the next number. */
  #isKnown(value: object): boolean {
    const count = this.#count
    const objects = this.#objects
    if (this.#numbers !== undefined) {
      const number = this.#numbers.get(value)
      if (number !== undefined) {
        this.#reference(number)
        return true
      }
      this.#numbers.set(value, count)
    } else {
      for (let i = 0; i < count; i++) {
        if (objects[i] !== value) continue
        this.#reference(i)
        return true
      }
      objects[count] = value
      if (count === MOST_SCANNED) this.#numbers = new Map(objects.slice(0, count + 1).map((object, i) => [object, i]))
    }
    this.#open[count] = NOT_OPEN
    this.#count = count + 1
    return false
  }

  #reference(number: number): void {
    const opened = this.#open[number] as number
    // OBJECT becomes CYCLE: its reader makes the object before it reads the values.
    if (opened !== NOT_OPEN && (this.bytes[opened] as number) < tags.CYCLE) this.bytes[opened]! += 2
    this.byte(tags.REF)
    this.count(number)
  }

  #object(value: object, depth: number): void {
    if (this.#isKnown(value)) return
    if (this.#describe !== undefined && isError(value)) {
      this.#failure(this.#describe(value), depth)
      return
    }
    if (types.isProxy(value)) throw UNCARRIABLE
    const prototype = getPrototypeOf(value)
    const number = this.#count - 1
    if (Array.isArray(value)) this.#array(value, depth)
    else if (prototype === plainPrototype && !ArrayBuffer.isView(value)) this.#plain(value, number, depth)
    else if (this.#isMoved(value)) this.#listed(tags.MOVED, this.#moved, value)
    else {
      const brand = brandOf(value, prototype)
      if (brand === PLAIN) this.#plain(value, number, depth)
      else this.#branded(value, brand, depth)
    }
  }

  #branded(value: object, brand: number, depth: number): void {
    switch (brand) {
      case DATE_OBJECT:
        this.byte(tags.DATE)
        this.double(Date.prototype.getTime.call(value))
        return
      case REGEXP_OBJECT:
        this.#pattern(new RegExp(value as RegExp)) // by its slots, whatever its properties say
        return
      case MAP_OBJECT:
      case SET_OBJECT:
        if (depth < tags.DEPTH_LIMIT) this.#entries(value as Map<unknown, unknown>, brand, depth)
        else this.#putOff(brand === MAP_OBJECT ? tags.MAP_LATER : tags.SET_LATER, value)
        return
      case BOX:
        this.byte(tags.BOXED)
        this.#value(primitiveOf(value), depth)
        return
      case NODE_BUFFER:
        if (isCopied((value as Buffer).buffer)) this.run(tags.BUFFER, tags.BUFFER_APART, value as Uint8Array)
        else this.#bufferView(value as Buffer, depth)
        return
      case BYTES:
        this.#buffer(value as ArrayBuffer)
        return
      case BUFFER_VIEW:
        this.#viewOf(value as ArrayBufferView, depth)
        return
      case ERROR_OBJECT:
        if (depth < tags.DEPTH_LIMIT) this.#error(value as Error, depth)
        else {
          this.#putOff(tags.ERROR_LATER, value)
          this.byte(errorClasses.get(`${(value as Error).name}`) ?? 0)
        }
        return
      case SHARED_BYTES:
        this.#listed(tags.SHARED, this.#shared, value)
        return
      case PLATFORM:
        this.#side(value)
        return
      default:
        throw UNCARRIABLE
    }
  }

  /** What was thrown is copied: it may be thrown to a parent, and between two workers there is no way for moved values. */
  #isMoved(value: object): boolean {
    return this.#describe === undefined && isMarked(value)
  }

  #side(value: object): void {
    this.#listed(tags.SIDE, this.#sides, value)
  }

  /** An index into a list beside the bytes. */
  #listed(tag: number, list: unknown[], value: object): void {
    this.byte(tag)
    this.count(list.length)
    list.push(value)
  }

  #bufferView(value: Buffer, depth: number): void {
    this.byte(tags.BUFFER_VIEW)
    this.count(value.byteOffset)
    this.count(value.length)
    this.#object(value.buffer, depth + 1)
  }

  #putOff(tag: number, value: object): void {
    this.byte(tag)
    this.#later.push(value)
  }

  /** A container that was put off, with its tag, and not numbered again. */
  #body(value: object): void {
    if (Array.isArray(value)) this.#array(value, 0)
    else if (value instanceof LaterFailure) this.#properties(value.properties, 0)
    else {
      const brand = slotsOf(value)
      if (brand === PLAIN) this.#plain(value, NOT_OPEN, 0)
      else this.#branded(value, brand, 0)
    }
  }

  /** `number`: its own, or NOT_OPEN when its reader has it already. */
  #plain(value: object, number: number, depth: number): void {
    if (depth >= tags.DEPTH_LIMIT) {
      this.#putOff(tags.OBJECT_LATER, value)
      return
    }
    const values = this.#values
    const base = this.#top
    let list: KeyList | undefined = this.#lists
    let top = base
    for (const key in value) {
      if (!isOwn.call(value, key)) continue
      const next: KeyList | undefined = list.then(key, this.#room)
      if (next === undefined) {
        this.#dictionary(value, depth, list, base, top)
        return
      }
      list = next
      const item = (value as Record<string, unknown>)[key]
      values[top++] = item
      this.#top = top
    }
    if (top === base) {
      // What has no properties may have slots instead: a Map whose prototype was set to that of plain objects.
      const brand = slotsOf(value)
      if (brand !== PLAIN) {
        this.#branded(value, brand, depth)
        return
      }
    }
    const { block } = list
    if (block === undefined) {
      this.#pairs(list.keys, base, top, depth)
      return
    }
    const start = this.at
    if (list.payload === this.#payload) {
      this.byte(tags.OBJECT_AGAIN)
      this.count(list.index)
    } else {
      list.payload = this.#payload
      list.index = this.#listsUsed++
      this.byte(tags.OBJECT)
      this.block(block)
    }
    if (number !== NOT_OPEN) this.#open[number] = start
    for (let i = base; i < top; i++) {
      const item = values[i]
      values[i] = undefined
      this.#value(item, depth + 1)
    }
    if (number !== NOT_OPEN) this.#open[number] = NOT_OPEN
    this.#top = base
  }

  /** An object with many keys, or one of so many lists of keys that they are not worth keeping. */
  #dictionary(value: object, depth: number, list: KeyList, base: number, from: number): void {
    if (list.keys.length < tags.MOST_LISTED_KEYS && ++this.#missed === MOST_KEY_LISTS) {
      // Other objects than before: begin anew.
      this.#lists = new KeyList([])
      this.#room = { left: MOST_KEY_LISTS }
      this.#missed = 0
    }
    const keys = keysOf(value)
    const values = this.#values
    let top = from
    for (let i = from - base; i < keys.length; i++) {
      values[top++] = (value as Record<string, unknown>)[keys[i] as string]
      this.#top = top
    }
    this.#pairs(keys, base, top, depth)
  }

  #pairs(keys: readonly string[], base: number, top: number, depth: number): void {
    const values = this.#values
    const count = top - base
    this.byte(tags.DICTIONARY)
    this.count(count)
    for (let i = 0; i < count; i++) {
      const item = values[base + i]
      values[base + i] = undefined
      this.text(keys[i] as string)
      this.#value(item, depth + 1)
    }
    this.#top = base
  }

  #array(value: readonly unknown[], depth: number): void {
    if (depth >= tags.DEPTH_LIMIT) {
      this.#putOff(tags.ARRAY_LATER, value)
      return
    }
    const { length } = value
    // As many values as elements, and no hole: there is no other property. Values are made at no cost, keys as texts.
    if (valuesOf(value).length !== length || (includes.call(value, undefined) && hasHole(value))) {
      this.#sparse(value, keysOf(value), depth)
      return
    }
    if (length > 0 && typeof value[0] === 'number' && this.#numberRun(value)) return
    this.byte(tags.ARRAY)
    this.count(length)
    for (let i = 0; i < length; i++) this.#value(value[i], depth + 1)
  }

  /** False, and nothing written, when there is anything else than numbers in an array. */
  #numberRun(value: readonly unknown[]): boolean {
    const { length } = value
    let areIntegers = true
    for (let i = 0; i < length; i++) {
      const item = value[i]
      if (typeof item !== 'number') return false
      if (areIntegers && !isInteger(item)) areIntegers = false
    }
    this.byte(areIntegers ? tags.INTEGERS : tags.DOUBLES)
    this.count(length)
    const bytesEach = areIntegers ? 4 : 8
    this.reserve(length * bytesEach)
    const { view, at } = this
    if (areIntegers) for (let i = 0; i < length; i++) view.setInt32(at + 4 * i, value[i] as number, true)
    else for (let i = 0; i < length; i++) view.setFloat64(at + 8 * i, value[i] as number, true)
    this.at = at + length * bytesEach
    return true
  }

  #sparse(value: readonly unknown[], keys: readonly string[], depth: number): void {
    this.byte(tags.SPARSE)
    this.count(value.length)
    this.count(keys.length)
    for (const key of keys) {
      const index = Number(key)
      if (index < 2 ** 32 - 1 && String(index >>> 0) === key) this.#number(index)
      else this.text(key)
      this.#value((value as unknown as Record<string, unknown>)[key], depth + 1)
    }
  }

  #entries(value: Map<unknown, unknown> | Set<unknown>, brand: number, depth: number): void {
    const values = this.#values
    const base = this.#top
    if (brand === MAP_OBJECT) {
      Map.prototype.forEach.call(value, (item, key) => {
        values[this.#top++] = key
        values[this.#top++] = item
      })
    } else Set.prototype.forEach.call(value, (item) => (values[this.#top++] = item))
    const top = this.#top
    this.byte(brand === MAP_OBJECT ? tags.MAP : tags.SET)
    this.count(brand === MAP_OBJECT ? (top - base) / 2 : top - base)
    for (let i = base; i < top; i++) {
      const item = values[i]
      values[i] = undefined
      this.#value(item, depth + 1)
    }
    this.#top = base
  }

  #buffer(value: ArrayBuffer): void {
    if (isResizable(value)) this.#side(value)
    else this.run(tags.ARRAY_BUFFER, tags.ARRAY_BUFFER_APART, new Uint8Array(value)) // throws when it is detached
  }

  #pattern({ source, flags }: RegExp): void {
    this.byte(tags.REGEXP)
    this.text(source)
    this.text(flags)
  }

  #viewOf(given: ArrayBufferView, depth: number): void {
    const value = given.buffer === undefined ? withPrototype(given) : given
    const { buffer, byteOffset, byteLength } = value
    if (isResizable(buffer)) {
      // Whether it follows the buffer's length nobody here can tell: the platform carries the view itself.
      if (types.isSharedArrayBuffer(buffer)) this.#listed(tags.SHARED, this.#shared, value)
      else if (this.#isMoved(buffer)) this.#listed(tags.MOVED, this.#moved, value)
      else this.#side(value)
      return
    }
    const type = viewTypes.get(typedArrayName.call(value) ?? 'DataView') as number
    if (byteLength === 0) void new Uint8Array(buffer) // throws when it is detached
    if (byteOffset === 0 && byteLength === buffer.byteLength) {
      this.byte(tags.WHOLE_VIEW)
      this.byte(type)
    } else {
      this.byte(tags.VIEW)
      this.byte(type)
      this.count(byteOffset)
      this.count('length' in value ? (value as Uint8Array).length : byteLength)
    }
    this.#object(buffer, depth + 1)
  }

  /** What structured clone keeps of an error. */
  #error(value: Error, depth: number): void {
    const type = errorClasses.get(`${value.name}`) ?? 0
    const message = Object.getOwnPropertyDescriptor(value, 'message')
    const hasMessage = message !== undefined && 'value' in message
    const stack = Object.hasOwn(value, 'stack') ? value.stack : undefined
    const hasStack = typeof stack === 'string'
    const cause = Object.getOwnPropertyDescriptor(value, 'cause')
    const hasCause = cause !== undefined && 'value' in cause
    this.byte(tags.ERROR)
    this.byte(
      type | (hasMessage ? tags.HAS_MESSAGE : 0) | (hasStack ? tags.HAS_STACK : 0) | (hasCause ? tags.HAS_CAUSE : 0),
    )
    if (hasMessage) this.text(String(message.value))
    if (hasStack) this.text(stack)
    if (hasCause) this.#value(cause.value, depth + 1)
  }

  #failure(description: ErrorDescription | undefined, depth: number): void {
    if (description === undefined) {
      this.byte(NULL)
      return
    }
    const { types, name, message, stack, properties } = description
    const isLater = depth >= tags.DEPTH_LIMIT
    this.byte(isLater ? tags.FAILURE_LATER : tags.FAILURE)
    this.count(types.length)
    for (const type of types) this.text(type)
    this.text(name)
    this.text(message)
    this.byte(stack === undefined ? 0 : 1)
    if (stack !== undefined) this.text(stack)
    if (isLater) this.#later.push(new LaterFailure(properties))
    else this.#properties(properties, depth)
  }

  #properties(properties: ErrorDescription['properties'], depth: number): void {
    this.count(properties.length)
    for (const [key, isEnumerable, value] of properties) {
      this.text(key)
      this.byte(isEnumerable ? 1 : 0)
      this.#value(value, depth + 1)
    }
  }
}

/** What was put off of an error: it is not described twice. */
class LaterFailure {
  readonly properties: ErrorDescription['properties']

  constructor(properties: ErrorDescription['properties']) {
    this.properties = properties
  }
}

/** A view as its class makes it, of one whose prototype was set to another. */
function withPrototype(view: ArrayBufferView): ArrayBufferView {
  const name = typedArrayName.call(view)
  const type = tags.VIEW_CLASSES.find((type) => type.name === (name ?? 'DataView'))
  const { prototype } = name === undefined ? DataView : getPrototypeOf(Uint8Array)
  const slot = (key: string): any => Object.getOwnPropertyDescriptor(prototype, key)?.get?.call(view)
  return new (type as (typeof tags.VIEW_CLASSES)[number])(
    slot('buffer'),
    slot('byteOffset'),
    slot(name === undefined ? 'byteLength' : 'length'),
  )
}

const NOTHING: readonly object[] = []
/** In place of a transfer list: nothing may be moved. */
export const NO_MOVES: readonly object[] = []

function isCopied(buffer: ArrayBufferLike): boolean {
  return !isMarked(buffer) && !types.isSharedArrayBuffer(buffer)
}

/** Among values that are undefined. */
function hasHole(array: readonly unknown[]): boolean {
  for (let i = 0; i < array.length; i++) if (array[i] === undefined && !isOwn.call(array, i)) return true
  return false
}

/** Of 32 bits, and not -0. */
function isInteger(value: number): boolean {
  const integer = value | 0
  return integer === value && (integer !== 0 || 1 / value > 0)
}

function primitiveOf(value: object): unknown {
  if (types.isNumberObject(value)) return Number.prototype.valueOf.call(value)
  if (types.isStringObject(value)) return String.prototype.valueOf.call(value)
  if (types.isBooleanObject(value)) return Boolean.prototype.valueOf.call(value)
  return BigInt.prototype.valueOf.call(value)
}

/** ES2024; TypeScript's library of Node 20 does not know it. */
function isResizable(buffer: ArrayBufferLike): boolean {
  const { resizable, growable } = buffer as { resizable?: boolean; growable?: boolean }
  return resizable === true || growable === true
}
