/** Bytes and, with them, values: what those who read one kind of value need to read what is in it. */
import { ByteReader } from './byte-reader.js'

export abstract class ValueReader extends ByteReader {
  /** The next value. */
  abstract read(): unknown

  /** The next value, which is a text. @throws RangeError when it is none */
  text(): string {
    const text = this.read()
    if (typeof text !== 'string') throw new RangeError(`a ${typeof text} in place of a text`)
    return text
  }
}
