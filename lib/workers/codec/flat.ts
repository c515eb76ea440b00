/**
 * Flat lists of primitives as bytes: a count, then a tag and the value of each. Strings keep lone surrogates.
 * No object, no schema, one pass to measure and one to write.
 */
import { FALSE, inlineKind, NULL, NUMBER, TRUE, UNDEFINED, unboxed } from './kinds.js'

const LATIN1 = 8
const UTF16 = 9
/** Below this a loop over characters beats the call into the platform's string writer. */
const LOOP_LIMIT = 24

const double = new Float64Array(1)
const doubleBytes = new Uint8Array(double.buffer)

export function isFlat(values: readonly unknown[]): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (typeof value !== 'string' && inlineKind(value) < 0) return false
  }
  return true
}

/** Bytes that `writeFlat` needs at most. */
export function flatBytes(values: readonly unknown[]): number {
  let bytes = 4
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    bytes += typeof value === 'string' ? 5 + 2 * value.length : 9
  }
  return bytes
}

/** Writes the values at `start` and returns the number of bytes used. */
export function writeFlat(values: readonly unknown[], into: Buffer, start: number): number {
  let at = into.writeUInt32LE(values.length, start)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (typeof value === 'string') {
      at = writeString(value, into, at)
      continue
    }
    const kind = inlineKind(value)
    into[at++] = kind
    if (kind !== NUMBER) continue
    double[0] = value as number
    into.set(doubleBytes, at)
    at += 8
  }
  return at - start
}

export function readFlat(from: Buffer): unknown[] {
  const count = from.readUInt32LE(0)
  if (count > from.length) throw new RangeError(`a flat list of ${count} values in ${from.length} bytes`)
  const values: unknown[] = new Array(count)
  let at = 4
  for (let i = 0; i < count; i++) {
    const tag = from[at++]
    switch (tag) {
      case NUMBER:
        values[i] = unboxed(from.readDoubleLE(at))
        at += 8
        break
      case LATIN1:
      case UTF16: {
        const length = from.readUInt32LE(at)
        at += 4
        const bytes = tag === LATIN1 ? length : 2 * length
        if (at + bytes > from.length)
          throw new RangeError(`a string of ${bytes} bytes where ${from.length - at} are left`)
        values[i] = from.toString(tag === LATIN1 ? 'latin1' : 'utf16le', at, at + bytes)
        at += bytes
        break
      }
      case TRUE:
        values[i] = true
        break
      case FALSE:
        values[i] = false
        break
      case NULL:
        values[i] = null
        break
      case UNDEFINED:
        values[i] = undefined
        break
      default:
        throw new RangeError(`no value begins with byte ${tag}`)
    }
  }
  return values
}

function writeString(value: string, into: Buffer, start: number): number {
  const { length } = value
  const body = start + 5
  if (length <= LOOP_LIMIT) {
    let seen = 0
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i)
      seen |= code
      into[body + i] = code
    }
    if (seen < 256) return writeHead(LATIN1, length, into, start) + length
  } else if (isLatin1(value)) {
    into.write(value, body, length, 'latin1')
    return writeHead(LATIN1, length, into, start) + length
  }
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(i)
    into[body + 2 * i] = code
    into[body + 2 * i + 1] = code >> 8
  }
  return writeHead(UTF16, length, into, start) + 2 * length
}

function writeHead(tag: number, length: number, into: Buffer, start: number): number {
  into[start] = tag
  return into.writeUInt32LE(length, start + 1)
}

function isLatin1(value: string): boolean {
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 0xff) return false
  return true
}
