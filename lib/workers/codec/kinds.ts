/**
 * The KINDS word of a slot: how its arguments and its result are carried.
 *
 *   bits 0-3   kind of argument 0, or the format of the payload
 *   bits 4-7   kind of argument 1
 *   bits 8-9   0, 1, 2: that many inline arguments · 3: a payload
 *   bits 12-15 kind or format of the result
 *   bit 16     the function is known to be short
 *   bit 17     the result is a failure
 *   bit 18     the function was entered: from here on it may have done something
 *
 * The submitter writes the lower bits and SHORT before it publishes, the executor the result's bits before it completes, and
 * ENTERED in between: while it is not set, the task of a dead executor is as good as new.
 */
export const UNDEFINED = 0
export const NULL = 1
export const FALSE = 2
export const TRUE = 3
export const NUMBER = 4
/** A short text (slot-texts.ts). */
export const TEXT = 5
/** A text in a block of its writer's arena (text-blocks.ts); of two arguments one at most. */
export const LATIN1_BLOCK = 6
export const UTF16_BLOCK = 7
/** A payload: bytes as tags.ts has them. */
export const ENCODED = 8
/** A payload with a manifest behind it (manifest.ts): it refers to shared buffers. */
export const REFERRING = 9
/** As REFERRING, with values that are moved. */
export const MOVING = 10

export const ARG1_SHIFT = 4
export const COUNT_SHIFT = 8
export const COUNT_PAYLOAD = 3
export const RESULT_SHIFT = 12
export const KIND_MASK = 15
export const SHORT = 1 << 16
export const FAILED = 1 << 17
export const ENTERED = 1 << 18
export const ARGUMENTS_MASK = 0x3ff

/** The result of a slot with this KINDS word is a payload. */
export function hasPayload(kinds: number): boolean {
  return ((kinds >> RESULT_SHIFT) & KIND_MASK) >= ENCODED
}

/** The kind of a value that fits into the slot itself whatever its size, or -1. A text may fit. */
export function inlineKind(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return NUMBER
    case 'undefined':
      return UNDEFINED
    case 'boolean':
      return value ? TRUE : FALSE
    default:
      return value === null ? NULL : -1
  }
}

/**
 * The same number. An integer comes as the engine keeps its own: functions that were compiled for small integers stay fast,
 * where a boxed double, as a Float64Array gives one, would have them compiled anew, and slower for good.
 */
export function unboxed(double: number): number {
  const integer = double | 0
  return integer === double && (integer !== 0 || 1 / double > 0) ? integer : double
}

/** What has a kind of its own. */
export function inlineValue(kind: number): unknown {
  switch (kind) {
    case TRUE:
      return true
    case FALSE:
      return false
    case NULL:
      return null
    default:
      return undefined
  }
}
