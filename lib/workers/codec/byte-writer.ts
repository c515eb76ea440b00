/**
 * Bytes, numbers and texts into memory of one's own that grows, and is used again for the next payload. What is long is
 * only noted, and copied when it is known where to. Owner: one encoder.
 */
import type { Memory } from '../memory.js'
import { isWide, writeNarrow, writeWide } from './characters.js'
import { APART_BYTES, HEADER_BYTES, LATIN1, LATIN1_APART, SHORT_STRING, UTF16, UTF16_APART } from './tags.js'

const FIRST_BYTES = 1 << 14
/** What one large payload needed is not kept for ever. */
const MOST_KEPT_BYTES = 1 << 20
/** A text has a longest length, and it lies twice in memory when it is written. */
const MOST_TEXTS = 1 << 24
/** Below this a loop over characters beats the call into the platform's writer. */
const LOOP_LIMIT = 24

/** What lies apart: bytes, or a text of one or two bytes per character. */
type Apart = Uint8Array | { readonly text: string; readonly isWide: boolean; readonly byteLength: number }

export class ByteWriter {
  bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  view: DataView = new DataView(this.bytes.buffer)
  /** The bytes, as words. */
  #words = new Int32Array(this.bytes.buffer)
  at = HEADER_BYTES
  readonly #apart: Apart[] = []
  #apartBytes = 0
  /** The longer texts of a byte per character, the last one first: written at once, for each call into the platform costs as much as 100 characters. */
  #texts = ''

  /** Of the whole payload. */
  get byteLength(): number {
    return aligned(this.at) + this.#apartBytes + this.#texts.length
  }

  /** Writes the payload to a multiple of 8; `side` is the number of the message with its side values, or 0. */
  copyTo({ bytes: target, words }: Memory, start: number, side: number): void {
    const { bytes, view, at } = this
    view.setUint32(0, side, true)
    view.setUint32(4, at - HEADER_BYTES, true)
    if (at <= SMALL_COPY_BYTES) {
      const own = this.#words
      for (let i = 0, to = start >> 2; i << 2 < at; i++) words[to + i] = own[i] as number
    } else bytes.copy(target, start, 0, at)
    let to = start + aligned(at)
    for (const apart of this.#apart) {
      if (apart instanceof Uint8Array) target.set(apart, to)
      else if (apart.isWide) writeWide(target, to, apart.text)
      else writeNarrow(target, to, apart.text)
      to += aligned(apart.byteLength)
    }
    if (this.#texts !== '') writeNarrow(target, to, this.#texts)
  }

  /** Lets go of the payload: of what lies apart, which is the user's, and of memory that few payloads need. */
  release(): void {
    this.at = HEADER_BYTES
    if (this.bytes.length > MOST_KEPT_BYTES) this.#resize(FIRST_BYTES)
    this.#texts = ''
    if (this.#apart.length === 0) return
    this.#apart.length = 0
    this.#apartBytes = 0
  }

  /** @throws TypeError when a getter of the value has transferred bytes that were to be copied */
  checkApart(): void {
    let bytes = 0
    for (const { byteLength } of this.#apart) bytes += aligned(byteLength)
    if (bytes !== this.#apartBytes) throw new TypeError('a buffer was transferred while it was read')
  }

  reserve(count: number): void {
    if (this.at + count > this.bytes.length) this.#resize(Math.max(this.bytes.length * 2, this.at + count))
  }

  #resize(length: number): void {
    const larger = Buffer.allocUnsafeSlow(length)
    this.bytes.copy(larger, 0, 0, this.at)
    this.bytes = larger
    this.view = new DataView(larger.buffer)
    this.#words = new Int32Array(larger.buffer, 0, larger.length >> 2)
  }

  byte(value: number): void {
    if (this.at === this.bytes.length) this.reserve(1)
    this.bytes[this.at++] = value
  }

  /** A count, from 0: seven bits a byte, the lowest first. */
  count(value: number): void {
    this.reserve(8)
    while (value > 0x7f) {
      this.bytes[this.at++] = (value & 0x7f) | 0x80
      value = value > 0x7fffffff ? Math.floor(value / 128) : value >>> 7
    }
    this.bytes[this.at++] = value
  }

  double(value: number): void {
    this.reserve(8)
    this.view.setFloat64(this.at, value, true)
    this.at += 8
  }

  block(block: Uint8Array): void {
    const { length } = block
    this.reserve(length)
    const { bytes, at } = this
    for (let i = 0; i < length; i++) bytes[at + i] = block[i] as number
    this.at = at + length
  }

  /** A tag, a count and that many bytes, here or apart. */
  run(tag: number, apartTag: number, run: Uint8Array): void {
    const { byteLength } = run
    const isApart = byteLength >= APART_BYTES
    this.byte(isApart ? apartTag : tag)
    this.count(byteLength)
    if (isApart) this.#putApart(run)
    else {
      this.reserve(byteLength)
      this.bytes.set(run, this.at)
      this.at += byteLength
    }
  }

  text(text: string): void {
    const { length } = text
    if (length > LOOP_LIMIT) {
      this.#longText(text)
      return
    }
    this.reserve(length + 2)
    const { bytes, at } = this
    let seen = 0
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      seen |= code
      bytes[at + 1 + i] = code
    }
    if (seen > 0xff) {
      this.#wideText(text)
      return
    }
    bytes[at] = SHORT_STRING + length
    this.at = at + 1 + length
  }

  #longText(text: string): void {
    const { length } = text
    if (isWide(text)) this.#wideText(text)
    else if (length >= APART_BYTES || this.#texts.length > MOST_TEXTS) {
      this.byte(LATIN1_APART)
      this.count(length)
      this.#putApart({ text, isWide: false, byteLength: length })
    } else {
      this.byte(LATIN1)
      this.count(length)
      this.#texts = text + this.#texts
    }
  }

  #wideText(text: string): void {
    const { length } = text
    const isApart = length >= APART_BYTES
    this.byte(isApart ? UTF16_APART : UTF16)
    this.count(length)
    if (isApart) this.#putApart({ text, isWide: true, byteLength: 2 * length })
    else {
      this.reserve(2 * length)
      writeWide(this.bytes, this.at, text)
      this.at += 2 * length
    }
  }

  #putApart(apart: Apart): void {
    this.#apart.push(apart)
    this.#apartBytes += aligned(apart.byteLength)
  }
}

/** Up to this a loop over words beats the call. */
const SMALL_COPY_BYTES = 192

/** The next multiple of 8: between words of shared memory the engine copies word by word, else byte by byte. */
export function aligned(count: number): number {
  return Math.ceil(count / 8) * 8
}
