/**
 * The keys of objects, which repeat: written and read as one block that both sides have prepared.
 *
 * No state is shared: the writer sends the whole block with the first object of a payload that has it, and the reader
 * finds it in a table of its own by hash, then compares every byte. So a payload can be read by any thread at any time, and
 * what bytes in shared memory say of a block is never believed.
 *
 *   block: hash (u32) | length in bytes (u8) | count (u8) | each key: length (u8), a byte per character
 */
import { MOST_LISTED_KEYS } from './tags.js'

/** Node of a trie over keys in their order: an object's walk along its keys ends at its list. */
export class KeyList {
  readonly keys: readonly string[]
  /** Undefined: no block, for a key is too long, or has wide characters. */
  readonly block: Uint8Array | undefined
  /** The payload, counted by its encoder, that has had this list last, and its index there. */
  payload = 0
  index = 0
  /** The key that came next last time, and where it led. */
  #key: string | undefined
  #next: KeyList | undefined
  #others: Map<string, KeyList> | undefined

  constructor(keys: readonly string[]) {
    this.keys = keys
    this.block = blockOf(keys)
  }

  /** Undefined when there is no such list, and no room for it. */
  then(key: string, room: Room): KeyList | undefined {
    if (this.#key === key) return this.#next
    return this.#find(key, room)
  }

  #find(key: string, room: Room): KeyList | undefined {
    let next = this.#others?.get(key)
    if (next === undefined) {
      if (room.left === 0 || this.keys.length === MOST_LISTED_KEYS) return undefined
      room.left--
      next = new KeyList([...this.keys, key])
      this.#others ??= new Map()
      this.#others.set(key, next)
    }
    this.#key = key
    this.#next = next
    return next
  }
}

/** Lists that may still be made. */
export interface Room {
  left: number
}

const MOST_KEY_BYTES = 63
const MOST_BLOCK_BYTES = 255
/** Hash, length, count. */
export const BLOCK_HEAD_BYTES = 6

function blockOf(keys: readonly string[]): Uint8Array | undefined {
  let bytes = 0
  for (const key of keys) {
    if (key.length > MOST_KEY_BYTES) return undefined
    for (let i = 0; i < key.length; i++) if (key.charCodeAt(i) > 0xff) return undefined
    bytes += 1 + key.length
  }
  if (bytes > MOST_BLOCK_BYTES) return undefined
  const block = new Uint8Array(BLOCK_HEAD_BYTES + bytes)
  block[4] = bytes
  block[5] = keys.length
  let at = BLOCK_HEAD_BYTES
  let hash = 0x811c9dc5
  for (const key of keys) {
    block[at++] = key.length
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i)
      block[at++] = code
      hash = Math.imul(hash ^ code, 0x01000193)
    }
    hash = Math.imul(hash ^ 0x100, 0x01000193)
  }
  new DataView(block.buffer).setUint32(0, hash >>> 0, true)
  return block
}

/** What a decoder is to the constructor of an object: it reads the next value. */
export interface ValueSource {
  read(): unknown
}

/** A block as a reader knows it. */
export class KnownKeys {
  readonly block: Uint8Array
  readonly keys: readonly string[]
  /** Makes an object of the values that come next; undefined as long as it is not worth a function of its own. */
  build: ((values: ValueSource) => object) | undefined
  #uses = 0

  constructor(block: Uint8Array, keys: readonly string[]) {
    this.block = block
    this.keys = keys
  }

  /** Counts the objects made, and prepares what makes them faster. */
  noteUse(): void {
    if (++this.#uses === USES_WORTH_A_FUNCTION) this.build = constructorOf(this.keys)
  }
}

const USES_WORTH_A_FUNCTION = 32

/**
 * Two objects of one literal have one hidden class, and nobody looks a key up. Not where code from strings is forbidden, and
 * never for `__proto__`, which means something else in a literal. Keys come as JSON: no text of theirs is code.
 */
function constructorOf(keys: readonly string[]): KnownKeys['build'] {
  if (keys.includes('__proto__') || new Set(keys).size !== keys.length) return undefined
  try {
    const fields = keys.map((key) => `${JSON.stringify(key)}: values.read()`)
    return new Function('values', `return { ${fields.join(', ')} }`) as KnownKeys['build']
  } catch {
    return undefined // --disallow-code-generation-from-strings
  }
}

/** The blocks that a reader has met, by hash: the last one in each place. */
export class KeyTable {
  readonly #known: (KnownKeys | undefined)[] = new Array(PLACES).fill(undefined)

  /** The block at `at`, which ends before `end`. @throws RangeError when there is none */
  find(bytes: Uint8Array, at: number, end: number): KnownKeys {
    const place = (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
    const known = this.#known[place & (PLACES - 1)]
    if (known !== undefined && isSame(known.block, bytes, at)) return known
    const length = BLOCK_HEAD_BYTES + (bytes[at + 4] as number)
    if (!(at + length <= end)) throw new RangeError('a list of keys ends outside of its payload')
    const block = new Uint8Array(length)
    for (let i = 0; i < length; i++) block[i] = bytes[at + i] as number
    const read = new KnownKeys(block, keysOf(block))
    this.#known[place & (PLACES - 1)] = read
    return read
  }
}

const PLACES = 1_024

function isSame(block: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < block.length; i++) if (block[i] !== bytes[at + i]) return false
  return true
}

function keysOf(block: Uint8Array): string[] {
  const count = block[5] as number
  if (count > MOST_LISTED_KEYS) throw new RangeError(`a list of ${count} keys`)
  const keys: string[] = []
  let at = BLOCK_HEAD_BYTES
  for (let i = 0; i < count; i++) {
    const length = block[at++] as number
    if (!(at + length <= block.length)) throw new RangeError('a key ends outside of its list')
    keys.push(String.fromCharCode(...block.subarray(at, at + length)))
    at += length
  }
  if (at !== block.length) throw new RangeError('a list of keys is longer than its keys')
  return keys
}
