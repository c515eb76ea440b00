/**
 * A text that is an argument or a result itself, and too long for its slot: its characters in a block of the arena, one or two
 * bytes each, and nothing else. They are copied twice, out of one string and into the other.
 */
import { PayloadError } from '../../errors.js'
import type { Memory } from '../memory.js'
import { isWide, readNarrow, readWide, writeNarrow, writeWide } from './characters.js'
import { LATIN1_BLOCK, UTF16_BLOCK } from './kinds.js'

/** The kind of a text in a block. */
export function blockKind(text: string): number {
  return isWide(text) ? UTF16_BLOCK : LATIN1_BLOCK
}

/** What a text of `length` characters takes. */
export function blockBytes(length: number, kind: number): number {
  return kind === UTF16_BLOCK ? 2 * length : length
}

export function writeBlock({ bytes }: Memory, offset: number, text: string, kind: number): void {
  if (kind === UTF16_BLOCK) writeWide(bytes, offset, text)
  else writeNarrow(bytes, offset, text)
}

/** @throws PayloadError for a block outside of its arena */
export function readBlock({ bytes }: Memory, offset: number, length: number, kind: number): string {
  if (!(offset >= 0 && length >= 0 && offset + blockBytes(length, kind) <= bytes.length))
    throw new PayloadError(`a text of ${length} characters at ${offset} is outside of its buffer`)
  return kind === UTF16_BLOCK ? readWide(bytes, offset, length) : readNarrow(bytes, offset, length)
}
