/**
 * Short texts in a slot itself, beside the numbers: a text of latin1 characters takes the two words of its argument's or its
 * result's number, and what they do not hold goes to three words of the slot's second line. Who may write and read the
 * slot may write and read them.
 *
 *   words: length (u8), then a byte per character, the lowest byte of each word first
 */
import { peek, poke } from '#atomics'
import { ARG0, TEXT_REST, TEXT_REST_WORDS } from '../../scheduler/index.js'

const HEAD_WORDS = 2
const MOST_WORDS = HEAD_WORDS + TEXT_REST_WORDS
export const MOST_SLOT_TEXT = 4 * MOST_WORDS - 1

/** Where the rest of the text of ARG0, ARG1 or RESULT lies in its slot. */
function restOf(place: number): number {
  return TEXT_REST + TEXT_REST_WORDS * (place - ARG0)
}

/** False, and nothing of use written, when it is too long or has wide characters. `place` is ARG0, ARG1 or RESULT. */
export function tryWriteText(words: Int32Array, slot: number, place: number, text: string): boolean {
  const { length } = text
  if (length > MOST_SLOT_TEXT) return false
  const head = slot + 2 * place
  const rest = slot + restOf(place) - HEAD_WORDS
  let word = length
  let seen = 0
  let index = 0
  let shift = 8
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    seen |= code
    word |= code << shift
    shift += 8
    if (shift < 32) continue
    poke(words, (index < HEAD_WORDS ? head : rest) + index, word) // owned: not published, or claimed by this thread
    index++
    word = 0
    shift = 0
  }
  if (shift > 0) poke(words, (index < HEAD_WORDS ? head : rest) + index, word) // owned: as above
  return seen <= 0xff
}

/** Texts that were met lately, by hash: short ones repeat. One per thread that reads. */
export class SlotTexts {
  readonly #texts: (string | undefined)[] = new Array(PLACES).fill(undefined)
  /** What the text in each place was read from. */
  readonly #known = new Int32Array(PLACES * MOST_WORDS)
  readonly #words = new Int32Array(MOST_WORDS)
  readonly #bytes = Buffer.alloc(4 * MOST_WORDS)

  /** @throws RangeError for a length that nobody has written */
  read(words: Int32Array, slot: number, place: number): string {
    const head = slot + 2 * place
    const rest = slot + restOf(place) - HEAD_WORDS
    const first = peek(words, head) // owned: published to this thread, and nobody writes it
    const length = first & 0xff
    if (length > MOST_SLOT_TEXT) throw new RangeError(`a text of ${length} characters in a slot`)
    const count = (length >> 2) + 1
    const own = this.#words
    own[0] = first
    let hash = first
    for (let i = 1; i < count; i++) {
      const word = peek(words, (i < HEAD_WORDS ? head : rest) + i) // owned: as above
      own[i] = word
      hash = Math.imul(hash ^ (hash >>> 15), 0x9e3779b1) ^ word
    }
    hash = Math.imul(hash ^ (hash >>> 15), 0x9e3779b1)
    const at = hash >>> PLACE_SHIFT
    const text = this.#texts[at]
    return text !== undefined && this.#isKnown(at, count) ? text : this.#make(at, count, length)
  }

  #isKnown(at: number, count: number): boolean {
    for (let i = 0; i < count; i++) if (this.#known[at * MOST_WORDS + i] !== this.#words[i]) return false
    return true
  }

  #make(at: number, count: number, length: number): string {
    for (let i = 0; i < count; i++) {
      const word = this.#words[i] as number
      this.#known[at * MOST_WORDS + i] = word
      this.#bytes.writeInt32LE(word, 4 * i)
    }
    const text = this.#bytes.toString('latin1', 1, 1 + length)
    this.#texts[at] = text
    return text
  }
}

const PLACE_SHIFT = 23
const PLACES = 1 << (32 - PLACE_SHIFT)
