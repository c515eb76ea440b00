/** Objects: those that have been before, by their numbers, and plain ones, by their lists of keys. */
import { KeyTable, type KnownKeys, type ValueSource } from './key-lists.js'
import { put } from './own-properties.js'
import * as tags from './tags.js'
import { ValueReader } from './value-reader.js'

/** In place of an object that is being read, and that no value within it refers to. */
const UNFINISHED = Symbol('unfinished')
/** The lists of larger payloads are not kept. */
const MOST_KEPT = 1_024
/** With more keys than these an object is made as a table: else each key that is added moves all that are there. */
export const MOST_FAST_KEYS = 128

export abstract class ObjectReader extends ValueReader implements ValueSource {
  readonly #keys = new KeyTable()
  /** By number. Emptied by hand: with a length of 0 the engine would make a new store for each payload. */
  readonly #objects: unknown[] = []
  #count = 0
  /** The key lists of this payload. */
  readonly #lists: KnownKeys[] = []
  #listCount = 0

  /** Lets go of the objects. */
  protected forget(): void {
    const objects = this.#objects
    if (objects.length > MOST_KEPT) objects.length = 0
    else for (let i = 0; i < this.#count; i++) objects[i] = undefined
    if (this.#lists.length > MOST_KEPT) this.#lists.length = 0
    this.#count = 0
    this.#listCount = 0
  }

  /** @throws RangeError when there is no such object yet */
  protected known(number: number): unknown {
    const object = number < this.#count ? this.#objects[number] : UNFINISHED
    if (object === UNFINISHED) throw new RangeError(`a reference to object ${number}, which is not there`)
    return object
  }

  /** The object that a number was reserved for. */
  protected finish(number: number, object: unknown): void {
    this.#objects[number] = object
  }

  /** Gives an object the next number. */
  protected numbered<T>(object: T): T {
    this.#objects[this.#count++] = object
    return object
  }

  /** The next number, for an object that does not exist yet. */
  protected reserve(): number {
    this.#objects[this.#count] = UNFINISHED
    return this.#count++
  }

  protected listOf(tag: number): KnownKeys {
    if (tag === tags.OBJECT_AGAIN || tag === tags.CYCLE_AGAIN) {
      const index = this.count()
      if (index >= this.#listCount) throw new RangeError(`list of keys ${index} of ${this.#listCount}`)
      return this.#lists[index] as KnownKeys
    }
    const list = this.#keys.find(this.bytes, this.at, this.end)
    this.take(list.block.length)
    this.#lists[this.#listCount++] = list
    return list
  }

  protected built(list: KnownKeys): object {
    const number = this.reserve()
    const { build } = list
    let object: object
    if (build !== undefined) object = build(this)
    else {
      list.noteUse()
      object = this.assign({}, list.keys)
    }
    this.#objects[number] = object
    return object
  }

  protected assign(object: object, keys: readonly string[]): object {
    for (let i = 0; i < keys.length; i++) put(object, keys[i] as string, this.read())
    return object
  }

  protected pairs(object: object, count: number): object {
    for (let left = count; left > 0; left--) put(object, this.text(), this.read())
    return object
  }

  /** Whatever the keys are, they become own properties while there is no prototype. */
  protected table(count: number): object {
    const table = this.numbered(Object.create(null) as Record<string, unknown>)
    for (let left = count; left > 0; left--) table[this.text()] = this.read()
    return Object.setPrototypeOf(table, Object.prototype) as object
  }
}
