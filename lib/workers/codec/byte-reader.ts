/**
 * Bytes, numbers and texts out of shared memory, which may hold anything: every count is held against the bytes that are
 * left before something is made of it. What it throws the decoder turns into a PayloadError.
 */
import { Memory } from '../memory.js'
import { aligned } from './byte-writer.js'
import { readNarrow, readWide } from './characters.js'
import { HEADER_BYTES } from './tags.js'

const NOTHING = new Memory(new ArrayBuffer(0), 0, 0)

export class ByteReader {
  bytes: Buffer = NOTHING.bytes
  view: DataView = NOTHING.view
  at = 0
  /** Of the head; what lies apart begins here. */
  end = 0
  #apart = 0
  #apartEnd = 0
  readonly #texts: (string | undefined)[] = new Array(TEXT_PLACES).fill(undefined)

  /** Begins with a payload; returns the number of its side message, or 0. */
  enter(memory: Memory, start: number, length: number): number {
    if (!(length >= HEADER_BYTES && start + length <= memory.bytes.length))
      throw new RangeError(`a payload of ${length} bytes from ${start}`)
    this.bytes = memory.bytes
    this.view = memory.view
    this.at = start + HEADER_BYTES
    this.end = this.at + this.view.getUint32(start + 4, true)
    this.#apart = start + aligned(this.end - start)
    this.#apartEnd = start + length
    if (this.end > this.#apartEnd) throw new RangeError('the head of a payload ends outside of it')
    return this.view.getUint32(start, true)
  }

  leave(): void {
    this.bytes = NOTHING.bytes
    this.view = NOTHING.view
  }

  byte(): number {
    if (this.at >= this.end) throw new RangeError('a payload ends in the middle of a value')
    return this.bytes[this.at++] as number
  }

  count(): number {
    let byte = this.byte()
    if (byte < 0x80) return byte
    let value = byte & 0x7f
    for (let unit = 128; byte >= 0x80; unit *= 128) {
      if (unit > MOST_UNIT) throw new RangeError('a count of too many bytes')
      byte = this.byte()
      value += (byte & 0x7f) * unit
    }
    return value
  }

  /** A count of things that take `bytesEach` at least. */
  countOf(bytesEach: number): number {
    const count = this.count()
    if (count * bytesEach > this.end - this.at) throw new RangeError(`${count} values in ${this.end - this.at} bytes`)
    return count
  }

  double(): number {
    const at = this.take(8)
    return this.view.getFloat64(at, true)
  }

  /** Where the next `count` bytes of the head begin. */
  take(count: number): number {
    const { at } = this
    if (!(count <= this.end - at)) throw new RangeError(`${count} bytes where ${this.end - at} are left`)
    this.at = at + count
    return at
  }

  /** Where the next text lies that stands at the end, before those that came before. */
  takeText(length: number): number {
    if (!(length <= this.#apartEnd - this.#apart))
      throw new RangeError(`${length} bytes where ${this.#apartEnd - this.#apart} are left`)
    this.#apartEnd -= length
    return this.#apartEnd
  }

  takeApart(count: number): number {
    const at = this.#apart
    if (!(count <= this.#apartEnd - at)) throw new RangeError(`${count} bytes where ${this.#apartEnd - at} are left`)
    this.#apart = at + aligned(count)
    return at
  }

  /** Of a byte per character. Short texts and keys repeat: the last one with the same hash is compared, and need not be made again. */
  shortText(length: number): string {
    const texts = this.#texts
    const at = this.take(length)
    const { bytes } = this
    if (length > MOST_CACHED) return readNarrow(bytes, at, length)
    let hash = length
    for (let i = 0; i < length; i++) hash = (Math.imul(hash, 31) + (bytes[at + i] as number)) | 0
    const place = (hash ^ (hash >>> 10)) & (TEXT_PLACES - 1)
    const known = texts[place]
    if (known !== undefined && known.length === length) {
      let i = 0
      while (i < length && known.charCodeAt(i) === bytes[at + i]) i++
      if (i === length) return known
    }
    const text = readNarrow(bytes, at, length)
    texts[place] = text
    return text
  }

  latin1(length: number, at: number): string {
    return readNarrow(this.bytes, at, length)
  }

  utf16(length: number, at: number): string {
    return readWide(this.bytes, at, length)
  }

  /** A copy of bytes, in a buffer that holds nothing else. */
  copy(length: number, at: number): Buffer {
    const copy = Buffer.allocUnsafeSlow(length)
    if (length > 0) this.bytes.copy(copy, 0, at, at + length)
    return copy
  }
}

/** Six bytes of seven bits: no payload is larger. */
const MOST_UNIT = 2 ** 42
const TEXT_PLACES = 4_096
const MOST_CACHED = 24
