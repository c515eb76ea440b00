/**
 * The characters of texts to bytes and back, a byte each or two. What Buffer's `write` and `toString` do in the end, without
 * their look at the name of the encoding, which costs as much as a hundred characters. Where there is no such shortcut,
 * they are asked themselves.
 */

interface Shortcuts {
  latin1Slice?(this: Buffer, start: number, end: number): string
  ucs2Slice?(this: Buffer, start: number, end: number): string
  latin1Write?(this: Buffer, text: string, start: number, length: number): number
  ucs2Write?(this: Buffer, text: string, start: number, length: number): number
}

const shortcuts = Buffer.prototype as Shortcuts
/** The engine answers at once for a text that it keeps a byte per character, and looks at the others. */
const WIDE = /[^\0-\xff]/

/** A character of it needs two bytes. */
export function isWide(text: string): boolean {
  return WIDE.test(text)
}

const slice1 =
  shortcuts.latin1Slice ??
  function (this: Buffer, start, end) {
    return this.toString('latin1', start, end)
  }
const slice2 =
  shortcuts.ucs2Slice ??
  function (this: Buffer, start, end) {
    return this.toString('utf16le', start, end)
  }
const write1 =
  shortcuts.latin1Write ??
  function (this: Buffer, text, start, length) {
    return this.write(text, start, length, 'latin1')
  }
const write2 =
  shortcuts.ucs2Write ??
  function (this: Buffer, text, start, length) {
    return this.write(text, start, length, 'utf16le')
  }

/** `length` characters that begin at byte `at`, all within `bytes`. */
export function readNarrow(bytes: Buffer, at: number, length: number): string {
  return slice1.call(bytes, at, at + length)
}

/** As `readNarrow`, of two bytes each. */
export function readWide(bytes: Buffer, at: number, length: number): string {
  return slice2.call(bytes, at, at + 2 * length)
}

/** A text that is not wide to byte `at`, where there is room for it. */
export function writeNarrow(bytes: Buffer, at: number, text: string): void {
  write1.call(bytes, text, at, text.length)
}

/** As `writeNarrow`, of two bytes each. */
export function writeWide(bytes: Buffer, at: number, text: string): void {
  write2.call(bytes, text, at, 2 * text.length)
}
