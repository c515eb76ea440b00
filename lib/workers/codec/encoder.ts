/**
 * Values to bytes: what structured clone carries, in one pass, without an object of its own per value.
 *
 * Below DEPTH_LIMIT the body of a container is put off until the root is written: its depth is limited by memory alone.
 */
import { types } from 'node:util'
import { PayloadError } from '../../errors.js'
import { writeArray } from './arrays.js'
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
import { type Describe, type ErrorDescription, isError } from './error-classes.js'
import { errorType, writeError, writeFailure, writeProperties } from './error-values.js'
import { describeFunction } from './function-references.js'
import { asItsClass, isResizable, primitiveOf, viewType } from './internal-slots.js'
import { FALSE, NULL, TRUE, UNDEFINED } from './kinds.js'
import type { Cargo } from './manifest.js'
import { detach, isMarked, whyNotNow } from './moves.js'
import { NOT_OPEN, ObjectWriter } from './object-writer.js'
import * as tags from './tags.js'

const { getPrototypeOf } = Object
const plainPrototype = Object.prototype

/** What neither bytes nor the platform can carry: where it is and why is found out afterwards. */
export const UNCARRIABLE = new Error('there is a value that cannot be carried')

export class Encoder extends ObjectWriter {
  /** A clone of what bytes cannot carry. */
  side: readonly unknown[] | undefined
  /** What is not copied. */
  cargo: Cargo | undefined
  /** True while it encodes: the getters of a value may ask for another encoding. */
  isBusy = false
  readonly #sides: unknown[] = []
  readonly #shared: object[] = []
  readonly #moved: object[] = []
  readonly #later: object[] = []
  #describe: Describe | undefined

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
      this.begin()
      this.value(value, 0)
      for (let i = 0; i < this.#later.length; i++) this.#body(this.#later[i] as object)
      if (this.#sides.length > 0) this.side = structuredClone([...this.#sides])
      this.checkApart()
      if (this.#shared.length + this.#moved.length + transfer.length > 0) this.#load(transfer)
    } finally {
      this.forget()
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

  protected override forget(): void {
    super.forget()
    this.#describe = undefined
    if (this.#later.length > 0) this.#later.length = 0
    if (this.#sides.length > 0) this.#sides.length = 0
    if (this.#shared.length > 0) this.#shared.length = 0
    if (this.#moved.length > 0) this.#moved.length = 0
  }

  value(value: unknown, depth: number): void {
    switch (typeof value) {
      case 'number':
        this.number(value)
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
        this.bigint(value)
        return
      case 'function':
        this.#function(value, depth)
        return
      default:
        throw UNCARRIABLE
    }
  }

  #function(value: object, depth: number): void {
    const description = describeFunction(value)
    if (description === undefined) throw UNCARRIABLE
    if (this.isKnown(value)) return
    this.byte(tags.FUNCTION)
    this.value(description, depth + 1)
  }

  #object(value: object, depth: number): void {
    if (this.isKnown(value)) return
    if (this.#describe !== undefined && isError(value)) {
      this.#failure(this.#describe(value), depth)
      return
    }
    if (types.isProxy(value)) throw UNCARRIABLE
    const prototype = getPrototypeOf(value)
    const number = this.objectCount - 1
    if (Array.isArray(value)) this.#array(value, depth)
    else if (prototype === plainPrototype && !ArrayBuffer.isView(value)) this.plain(value, number, depth)
    else if (this.#isMoved(value)) this.#listed(tags.MOVED, this.#moved, value)
    else {
      const brand = brandOf(value, prototype)
      if (brand === PLAIN) this.plain(value, number, depth)
      else this.branded(value, brand, depth)
    }
  }

  branded(value: object, brand: number, depth: number): void {
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
        else this.putOff(brand === MAP_OBJECT ? tags.MAP_LATER : tags.SET_LATER, value)
        return
      case BOX:
        this.byte(tags.BOXED)
        this.value(primitiveOf(value), depth)
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
        if (depth < tags.DEPTH_LIMIT) writeError(this, value as Error, depth)
        else {
          this.putOff(tags.ERROR_LATER, value)
          this.byte(errorType(value as Error))
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

  putOff(tag: number, value: object): void {
    this.byte(tag)
    this.#later.push(value)
  }

  #array(value: readonly unknown[], depth: number): void {
    if (depth < tags.DEPTH_LIMIT) writeArray(this, value, depth)
    else this.putOff(tags.ARRAY_LATER, value)
  }

  #failure(description: ErrorDescription | undefined, depth: number): void {
    if (description === undefined) this.byte(NULL)
    else if (depth < tags.DEPTH_LIMIT) {
      writeFailure(this, tags.FAILURE, description)
      writeProperties(this, description.properties, depth)
    } else {
      writeFailure(this, tags.FAILURE_LATER, description)
      this.#later.push(new LaterFailure(description.properties))
    }
  }

  /** A container that was put off, with its tag, and not numbered again. */
  #body(value: object): void {
    if (Array.isArray(value)) writeArray(this, value, 0)
    else if (value instanceof LaterFailure) writeProperties(this, value.properties, 0)
    else {
      const brand = slotsOf(value)
      if (brand === PLAIN) this.plain(value, NOT_OPEN, 0)
      else this.branded(value, brand, 0)
    }
  }

  #entries(value: Map<unknown, unknown> | Set<unknown>, brand: number, depth: number): void {
    const values = this.values
    const base = this.top
    if (brand === MAP_OBJECT) {
      Map.prototype.forEach.call(value, (item, key) => {
        values[this.top++] = key
        values[this.top++] = item
      })
    } else Set.prototype.forEach.call(value, (item) => (values[this.top++] = item))
    const top = this.top
    this.byte(brand === MAP_OBJECT ? tags.MAP : tags.SET)
    this.count(brand === MAP_OBJECT ? (top - base) / 2 : top - base)
    for (let i = base; i < top; i++) {
      const item = values[i]
      values[i] = undefined
      this.value(item, depth + 1)
    }
    this.top = base
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
    const value = asItsClass(given)
    const { buffer, byteOffset, byteLength } = value
    if (isResizable(buffer)) {
      // Whether it follows the buffer's length nobody here can tell: the platform carries the view itself.
      if (types.isSharedArrayBuffer(buffer)) this.#listed(tags.SHARED, this.#shared, value)
      else if (this.#isMoved(buffer)) this.#listed(tags.MOVED, this.#moved, value)
      else this.#side(value)
      return
    }
    const type = viewType(value)
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
}

/** What was put off of an error: it is not described twice. */
class LaterFailure {
  readonly properties: ErrorDescription['properties']

  constructor(properties: ErrorDescription['properties']) {
    this.properties = properties
  }
}

const NOTHING: readonly object[] = []
/** In place of a transfer list: nothing may be moved. */
export const NO_MOVES: readonly object[] = []

function isCopied(buffer: ArrayBufferLike): boolean {
  return !isMarked(buffer) && !types.isSharedArrayBuffer(buffer)
}
