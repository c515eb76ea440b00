/**
 * The bytes of a payload, as the encoder writes and the decoder reads them. Both are of one version and one process: the
 * format is nobody else's, and may change with any release.
 *
 *   payload: side (u32) | length of the head (u32) | head | what lies apart, in order, each at a multiple of 8 | texts, the last one first
 *   head:    the root value | the bodies of what was too deep for the stack, in order
 *   value:   a tag, then what it says; a count is a varint
 *
 * `side` is the number of the announced message that holds what bytes cannot carry: SIDE values are indexes into it; 0:
 * there is none. Long strings and bytes lie apart, so that they are copied once, to where the reader finds them. Objects are
 * numbered in the order in which they begin, and REF names one by its number.
 */
export const HEADER_BYTES = 8

// 0-3 are the kinds of kinds.ts: undefined, null, false, true.
export const DOUBLE = 4
/** Zigzag varint. */
export const INTEGER = 5
/** Length: a byte per character, among the texts. */
export const LATIN1 = 6
/** Length, then two bytes per character, lone surrogates as they are. */
export const UTF16 = 7
export const LATIN1_APART = 8
export const UTF16_APART = 9
/** Eight bytes, signed. */
export const BIGINT64 = 10
/** 1 if negative, length, hexadecimal digits. */
export const BIGINT = 11
/** A key list (see key-lists.ts), then the values. */
export const OBJECT = 12
/** The index of a key list that this payload has had before, then the values. */
export const OBJECT_AGAIN = 13
/** As OBJECT and OBJECT_AGAIN, with a reference to the object somewhere within it: it must exist before its values do. */
export const CYCLE = 14
export const CYCLE_AGAIN = 15
/** Count, then a key and a value each. */
export const DICTIONARY = 16
/** Length, then the elements. */
export const ARRAY = 17
/** Length, count, then a key and a value each: holes, or properties beside the elements. */
export const SPARSE = 18
/** Count, then a key and a value each. */
export const MAP = 19
export const SET = 20
export const DATE = 21
/** Source, flags. */
export const REGEXP = 22
/** The primitive. */
export const BOXED = 23
/** Length, bytes. */
export const BUFFER = 24
export const BUFFER_APART = 25
export const ARRAY_BUFFER = 26
export const ARRAY_BUFFER_APART = 27
/** Type, then the buffer, which it covers. */
export const WHOLE_VIEW = 28
/** Type, byte offset, length, then the buffer. */
export const VIEW = 29
/** Class, then message, stack and cause, as far as the bits of the class's byte say so. */
export const ERROR = 30
/** Number of an object. */
export const REF = 31
/** Index into the side values. */
export const SIDE = 32
/** What describes a parallel function. */
export const FUNCTION = 33
// Empty ones, whose bodies follow after the root value.
export const OBJECT_LATER = 34
export const ARRAY_LATER = 35
export const MAP_LATER = 36
export const SET_LATER = 37
export const ERROR_LATER = 38
/** Arrays of nothing but integers of 32 bits, or nothing but numbers: length, then four or eight bytes each. */
export const INTEGERS = 39
export const DOUBLES = 40
/** Index of a shared buffer, or of a view of one that grows. */
export const SHARED = 41
/** Index of a value that is moved. */
export const MOVED = 42
/** A Buffer whose memory is shared or moved: byte offset, length, then that memory. */
export const BUFFER_VIEW = 43
/** An error with all that it has: a list of class names, name, message, 1 and the stack or 0, then its properties. */
export const FAILURE = 44
/** The properties follow, as the body of a FAILURE: count, then key, 1 if it is enumerable, value each. */
export const FAILURE_LATER = 45

/** 0x80-0xbf: the integers 0-63. 0xc0-0xff: latin1 strings of 0-63 characters. */
export const SMALL_INTEGER = 0x80
export const SHORT_STRING = 0xc0
export const SMALL_LIMIT = 64

/** Nested deeper than this, a body is put off: the stack stays flat, whatever the depth. */
export const DEPTH_LIMIT = 200
/** From this many bytes or characters on, a value lies apart. */
export const APART_BYTES = 4_096
/** Objects with more keys are dictionaries. */
export const MOST_LISTED_KEYS = 32

// Bits of an error's byte, above its class.
export const ERROR_CLASS_MASK = 7
export const HAS_MESSAGE = 8
export const HAS_STACK = 16
export const HAS_CAUSE = 32

/** By the number in an ERROR. */
export const ERROR_CLASSES = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError] as const

type ViewClass = new (buffer: ArrayBufferLike, byteOffset?: number, length?: number) => ArrayBufferView
/** By the number in a VIEW. Float16Array, where there is one, is the last. */
export const VIEW_CLASSES: readonly ViewClass[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
  ...('Float16Array' in globalThis ? [Reflect.get(globalThis, 'Float16Array') as ViewClass] : []),
]
