/**
 * Bytes to values. It trusts nothing: whatever the bytes are, the end is a value or a PayloadError. No count makes it
 * allocate more than the payload's bytes can hold, no key reaches a prototype, no depth the end of its stack.
 */
import { types } from 'node:util'
import { PayloadError } from '../../errors.js'
import type { Memory } from '../memory.js'
import { readDoubles, readElements, readIntegers, readSparse } from './arrays.js'
import { newError, readError, readFailure, readProperties } from './error-values.js'
import { reviveFunction } from './function-references.js'
import { FALSE, NULL, TRUE, UNDEFINED, unboxed } from './kinds.js'
import { MOST_FAST_KEYS, ObjectReader } from './object-reader.js'
import * as tags from './tags.js'

/** Where what is not in the bytes comes from. */
export interface Sources {
  /** The values that bytes cannot carry, by the number of their message. */
  side(message: number): unknown
  shared(index: number): unknown
  moved(index: number): unknown
}

/** A view and its buffer, a function and its description are a little deeper than the encoder counts. */
const MOST_DEPTH = tags.DEPTH_LIMIT + 8
const NO_SIDES: readonly unknown[] = []

export class Decoder extends ObjectReader {
  readonly #later: object[] = []
  #sides: readonly unknown[] = NO_SIDES
  #sources: Sources | undefined
  #depth = 0

  /** @throws PayloadError `ERR_PARALLEL_PAYLOAD` for bytes that no encoder wrote */
  decode(memory: Memory, start: number, length: number, sources: Sources): unknown {
    try {
      const side = this.enter(memory, start, length)
      if (side !== 0) this.#sides = asList(sources.side(side))
      this.#sources = sources
      const value = this.read()
      for (let i = 0; i < this.#later.length; i++) this.#fill(this.#later[i] as object)
      if (this.at !== this.end) throw new RangeError(`${this.end - this.at} bytes follow the last value`)
      return value
    } catch (error) {
      if (error instanceof PayloadError) throw error
      const why = error instanceof Error ? error.message : String(error)
      throw new PayloadError(`the bytes of a payload are broken: ${why}`, { cause: error })
    } finally {
      this.leave()
      this.#sides = NO_SIDES
      this.#sources = undefined
      this.#depth = 0
      this.forget()
    }
  }

  protected override forget(): void {
    super.forget()
    if (this.#later.length > 0) this.#later.length = 0
  }

  /** The next value. */
  read(): unknown {
    const tag = this.byte()
    if (tag >= tags.SHORT_STRING) return this.shortText(tag - tags.SHORT_STRING)
    if (tag >= tags.SMALL_INTEGER) return tag - tags.SMALL_INTEGER
    switch (tag) {
      case UNDEFINED:
        return undefined
      case NULL:
        return null
      case FALSE:
        return false
      case TRUE:
        return true
      case tags.DOUBLE:
        return unboxed(this.double())
      case tags.INTEGER: {
        const zigzag = this.count()
        return (zigzag >>> 1) ^ -(zigzag & 1)
      }
      case tags.LATIN1: {
        const length = this.count()
        return this.latin1(length, this.takeText(length))
      }
      case tags.UTF16: {
        const length = this.count()
        return this.utf16(length, this.take(2 * length))
      }
      case tags.LATIN1_APART: {
        const length = this.count()
        return this.latin1(length, this.takeApart(length))
      }
      case tags.UTF16_APART: {
        const length = this.count()
        return this.utf16(length, this.takeApart(2 * length))
      }
      case tags.BIGINT64: {
        const at = this.take(8)
        return this.view.getBigInt64(at, true)
      }
      case tags.BIGINT: {
        const isNegative = this.byte() === 1
        const magnitude = BigInt(`0x${this.text()}`)
        return isNegative ? -magnitude : magnitude
      }
      case tags.REF:
        return this.known(this.count())
      default: {
        if (++this.#depth > MOST_DEPTH) throw new RangeError(`values nested ${MOST_DEPTH} deep`)
        const object = this.#object(tag)
        this.#depth--
        return object
      }
    }
  }

  #object(tag: number): unknown {
    switch (tag) {
      case tags.OBJECT:
      case tags.OBJECT_AGAIN:
        return this.built(this.listOf(tag))
      case tags.CYCLE:
      case tags.CYCLE_AGAIN:
        return this.assign(this.numbered({}), this.listOf(tag).keys)
      case tags.DICTIONARY: {
        const count = this.countOf(2)
        return count > MOST_FAST_KEYS ? this.table(count) : this.pairs(this.numbered({}), count)
      }
      case tags.ARRAY:
        return readElements(this, this.numbered([]))
      case tags.INTEGERS:
        return readIntegers(this, this.numbered([]))
      case tags.DOUBLES:
        return readDoubles(this, this.numbered([]))
      case tags.SPARSE:
        return readSparse(this, this.numbered([]))
      case tags.MAP:
        return this.#entries(this.numbered(new Map()))
      case tags.SET:
        return this.#items(this.numbered(new Set()))
      case tags.DATE:
        return this.numbered(new Date(this.double()))
      case tags.REGEXP: {
        const source = this.text()
        return this.numbered(new RegExp(source, this.text()))
      }
      case tags.BUFFER: {
        const length = this.count()
        return this.numbered(this.copy(length, this.take(length)))
      }
      case tags.BUFFER_APART: {
        const length = this.count()
        return this.numbered(this.copy(length, this.takeApart(length)))
      }
      case tags.ARRAY_BUFFER: {
        const length = this.count()
        return this.numbered(this.copy(length, this.take(length)).buffer)
      }
      case tags.ARRAY_BUFFER_APART: {
        const length = this.count()
        return this.numbered(this.copy(length, this.takeApart(length)).buffer)
      }
      case tags.SIDE: {
        const index = this.count()
        if (index >= this.#sides.length) throw new RangeError(`side value ${index} of ${this.#sides.length}`)
        return this.numbered(this.#sides[index])
      }
      case tags.SHARED:
        return this.numbered((this.#sources as Sources).shared(this.count()))
      case tags.MOVED:
        return this.numbered((this.#sources as Sources).moved(this.count()))
      case tags.ERROR: {
        const head = this.byte()
        return readError(this, this.numbered(newError(head)), head)
      }
      case tags.FAILURE:
        return readProperties(this, this.numbered(readFailure(this)))
      case tags.FAILURE_LATER:
        return this.#failureLater()
      case tags.OBJECT_LATER:
        return this.#putOff({})
      case tags.ARRAY_LATER:
        return this.#putOff([])
      case tags.MAP_LATER:
        return this.#putOff(new Map())
      case tags.SET_LATER:
        return this.#putOff(new Set())
      case tags.ERROR_LATER:
        return this.#putOff(newError(this.byte()))
      default:
        return this.#made(tag)
    }
  }

  /** What is made of a value that comes first. */
  #made(tag: number): unknown {
    const number = this.reserve()
    const object = this.#make(tag)
    this.finish(number, object)
    return object
  }

  #make(tag: number): unknown {
    switch (tag) {
      case tags.BOXED:
        return Object(this.read())
      case tags.WHOLE_VIEW:
        return new (classOf(this.byte()))(asBuffer(this.read()))
      case tags.VIEW: {
        const type = this.byte()
        const byteOffset = this.count()
        const length = this.count()
        return new (classOf(type))(asBuffer(this.read()), byteOffset, length)
      }
      case tags.BUFFER_VIEW: {
        const byteOffset = this.count()
        const length = this.count()
        return Buffer.from(asBuffer(this.read()) as ArrayBuffer, byteOffset, length)
      }
      case tags.FUNCTION:
        return reviveFunction(this.read())
      default:
        throw new RangeError(`no value begins with byte ${tag}`)
    }
  }

  #putOff(object: object): object {
    this.#later.push(object)
    return this.numbered(object)
  }

  #fill(object: object): void {
    this.#depth = 0
    if (object instanceof LaterFailure) {
      readProperties(this, object.error)
      return
    }
    const tag = this.byte()
    if (object instanceof Map && tag === tags.MAP) this.#entries(object)
    else if (object instanceof Set && tag === tags.SET) this.#items(object)
    else if (object instanceof Error && tag === tags.ERROR) readError(this, object, this.byte())
    else if (Array.isArray(object)) {
      if (tag === tags.ARRAY) readElements(this, object)
      else if (tag === tags.INTEGERS) readIntegers(this, object)
      else if (tag === tags.DOUBLES) readDoubles(this, object)
      else if (tag === tags.SPARSE) readSparse(this, object)
      else throw new RangeError(`byte ${tag} in place of the elements of an array`)
    } else if (tag === tags.DICTIONARY) this.pairs(object, this.countOf(2))
    else if (tag >= tags.OBJECT && tag <= tags.CYCLE_AGAIN) this.assign(object, this.listOf(tag).keys)
    else throw new RangeError(`byte ${tag} in place of the content of an object`)
  }

  #entries(map: Map<unknown, unknown>): Map<unknown, unknown> {
    for (let left = this.countOf(2); left > 0; left--) {
      const key = this.read()
      map.set(key, this.read())
    }
    return map
  }

  #items(set: Set<unknown>): Set<unknown> {
    for (let left = this.countOf(1); left > 0; left--) set.add(this.read())
    return set
  }

  #failureLater(): Error {
    const error = readFailure(this)
    this.#later.push(new LaterFailure(error))
    return this.numbered(error)
  }
}

/** The properties of an error that was put off. */
class LaterFailure {
  readonly error: Error

  constructor(error: Error) {
    this.error = error
  }
}

function classOf(type: number): (typeof tags.VIEW_CLASSES)[number] {
  const viewClass = tags.VIEW_CLASSES[type]
  if (viewClass === undefined) throw new RangeError(`no view has type ${type}`)
  return viewClass
}

/** A view of anything else would allocate what that says. */
function asBuffer(value: unknown): ArrayBufferLike {
  if (types.isAnyArrayBuffer(value)) return value
  throw new RangeError('a view of what is no buffer')
}

function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new RangeError('side values that are no list')
}
