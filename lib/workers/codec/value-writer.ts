/** Bytes and, with them, values: what those who write one kind of value need to write what is in it. */
import { ByteWriter } from './byte-writer.js'
import * as tags from './tags.js'

export abstract class ValueWriter extends ByteWriter {
  abstract value(value: unknown, depth: number): void

  number(value: number): void {
    if (!isInteger(value)) {
      this.byte(tags.DOUBLE)
      this.double(value)
    } else if (value >= 0 && value < tags.SMALL_LIMIT) this.byte(tags.SMALL_INTEGER + value)
    else {
      this.byte(tags.INTEGER)
      this.count(((value << 1) ^ (value >> 31)) >>> 0) // zigzag
    }
  }

  bigint(value: bigint): void {
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
}

/** Of 32 bits, and not -0. */
export function isInteger(value: number): boolean {
  const integer = value | 0
  return integer === value && (integer !== 0 || 1 / value > 0)
}
