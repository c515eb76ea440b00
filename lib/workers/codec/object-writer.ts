/**
 * Objects: which have been before, and the properties of those that are plain.
 *
 * References are found by looking along the objects so far, and from a few dozen on in a map. What the user's getters do cannot
 * break it: an object's values are read before any of them is written.
 */
import { PLAIN, slotsOf } from './brands.js'
import { KeyList, type Room } from './key-lists.js'
import * as tags from './tags.js'
import { ValueWriter } from './value-writer.js'

const isOwn = Object.prototype.hasOwnProperty
const { keys: keysOf } = Object

/** Objects that are looked along before a map is made. */
const MOST_SCANNED = 24
const MOST_KEY_LISTS = 4_096
/** For the number of an object that its reader has already. */
export const NOT_OPEN = -1
const MOST_KEPT_VALUES = 1_024

export abstract class ObjectWriter extends ValueWriter {
  readonly #objects: object[] = []
  #numbers: Map<object, number> | undefined
  /** Where a plain object began that has not ended, or NOT_OPEN, by its number. */
  readonly #open: number[] = []
  /** Objects that have been so far. */
  objectCount = 0
  /** Values of objects that are being written. */
  readonly values: unknown[] = []
  top = 0
  #lists = new KeyList([])
  #room: Room = { left: MOST_KEY_LISTS }
  #missed = 0
  #payload = 0
  #listsUsed = 0

  abstract branded(value: object, brand: number, depth: number): void
  abstract putOff(tag: number, value: object): void

  /** A payload begins: it has had no key list. */
  protected begin(): void {
    this.#payload++
    this.#listsUsed = 0
  }

  /** Lets go of the objects. */
  protected forget(): void {
    const objects = this.#objects
    if (this.#numbers === undefined) for (let i = 0; i < this.objectCount; i++) objects[i] = this
    else {
      objects.length = 0
      this.#open.length = 0
      this.#numbers = undefined
    }
    this.objectCount = 0
    if (this.top > 0 || this.values.length > MOST_KEPT_VALUES) this.values.length = 0 // it threw, or was large
    this.top = 0
  }

  /** Writes a reference to an object that has been before; else gives it the next number. */
  isKnown(value: object): boolean {
    const count = this.objectCount
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
    this.objectCount = count + 1
    return false
  }

  #reference(number: number): void {
    const opened = this.#open[number] as number
    // OBJECT becomes CYCLE: its reader makes the object before it reads the values.
    if (opened !== NOT_OPEN && (this.bytes[opened] as number) < tags.CYCLE) this.bytes[opened]! += 2
    this.byte(tags.REF)
    this.count(number)
  }

  /** `number`: its own, or NOT_OPEN when its reader has it already. */
  plain(value: object, number: number, depth: number): void {
    if (depth >= tags.DEPTH_LIMIT) {
      this.putOff(tags.OBJECT_LATER, value)
      return
    }
    const values = this.values
    const base = this.top
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
      this.top = top
    }
    if (top === base) {
      // What has no properties may have slots instead: a Map whose prototype was set to that of plain objects.
      const brand = slotsOf(value)
      if (brand !== PLAIN) {
        this.branded(value, brand, depth)
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
      this.value(item, depth + 1)
    }
    if (number !== NOT_OPEN) this.#open[number] = NOT_OPEN
    this.top = base
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
    const values = this.values
    let top = from
    for (let i = from - base; i < keys.length; i++) {
      values[top++] = (value as Record<string, unknown>)[keys[i] as string]
      this.top = top
    }
    this.#pairs(keys, base, top, depth)
  }

  #pairs(keys: readonly string[], base: number, top: number, depth: number): void {
    const values = this.values
    const count = top - base
    this.byte(tags.DICTIONARY)
    this.count(count)
    for (let i = 0; i < count; i++) {
      const item = values[base + i]
      values[base + i] = undefined
      this.text(keys[i] as string)
      this.value(item, depth + 1)
    }
    this.top = base
  }
}
