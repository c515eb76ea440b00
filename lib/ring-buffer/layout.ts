/**
 * Where things lie in shared memory: cache lines, wrapping indices, and the header that every region begins with.
 *
 * A region is plain and structured-cloneable, so it reaches a worker by any means; what it holds is checked where a role
 * (`ownerOf`, `thiefOf`, …) is made from it, never on a hot path.
 */
import { peek, poke } from '#atomics'
import { LayoutError } from '../errors.js'

/** Twice a cache line: adjacent-line prefetchers pull lines in pairs, so words of two writers stay 128 bytes apart. */
export const LINE_BYTES = 128
export const WORDS_PER_LINE = LINE_BYTES / 4

/** Bumped whenever an offset or the meaning of a word changes. */
export const LAYOUT_VERSION = 1

/** Returned by every taking operation: nothing there. */
export const EMPTY = -1
/** Returned by every taking operation: lost a race, look again. */
export const RETRY = -2

/** Indices are monotonic modulo 2^30, so that they stay small integers on every engine. */
export const INDEX_MASK = 0x3fffffff

export function advance(index: number, by: number): number {
  return (index + by) & INDEX_MASK
}

/** Signed distance `a - b` of two wrapping indices; exact while they are less than 2^29 apart. */
export function distance(a: number, b: number): number {
  return ((a - b) << 2) >> 2
}

/** A piece of a SharedArrayBuffer. `byteOffset` is a multiple of 128. */
export interface Region {
  readonly buffer: SharedArrayBuffer
  readonly byteOffset: number
  readonly byteLength: number
}

// The header line of a region.
const MAGIC = 0x6d500000 // 'mP', the low half names the structure
const HEADER_MAGIC = 0
const HEADER_VERSION = 1
const HEADER_BYTES = 2
const HEADER_PARAMETER = 3

export type Kind = number
export const KIND_DEQUE: Kind = 1
export const KIND_SPSC: Kind = 2
export const KIND_SLOTS: Kind = 3
export const KIND_ARENA: Kind = 4
export const KIND_LATCH: Kind = 5
export const KIND_DOORBELL: Kind = 6
export const KIND_COUNTERS: Kind = 7
export const KIND_FIFO: Kind = 8
export const KIND_TEAM: Kind = 9

/** Rounds up to whole lines. */
export function lines(bytes: number): number {
  return Math.ceil(bytes / LINE_BYTES) * LINE_BYTES
}

/**
 * Writes the header of a fresh region and returns it; `parameters` are up to four integers that its roles need.
 *
 * The first `clearedWords` are what the structure needs to be zero. Only they are cleared, and only in memory that was
 * somebody else's before: a fresh buffer is zero, and a page that nobody writes takes no memory.
 * @throws LayoutError `ERR_PARALLEL_LAYOUT` when `into` is too small or not aligned to a line.
 */
export function createRegion(
  kind: Kind,
  bytes: number,
  parameters: readonly number[],
  clearedWords: number,
  into: Region | undefined,
): Region {
  const region = into ?? { buffer: new SharedArrayBuffer(bytes), byteOffset: 0, byteLength: bytes }
  checkBounds(region, bytes)
  const words = new Int32Array(region.buffer, region.byteOffset, bytes / 4)
  // owned: nobody else has the region yet
  if (into !== undefined) for (let i = 0; i < clearedWords; i++) poke(words, i, 0)
  poke(words, HEADER_MAGIC, MAGIC | kind)
  poke(words, HEADER_VERSION, LAYOUT_VERSION)
  poke(words, HEADER_BYTES, bytes)
  for (let i = 0; i < parameters.length; i++) poke(words, HEADER_PARAMETER + i, parameters[i] as number)
  return { buffer: region.buffer, byteOffset: region.byteOffset, byteLength: bytes }
}

/**
 * The words of a region that `createRegion` made, after its header was checked: word 0 is the header's first, and there
 * are no more than the structure takes, whatever `byteLength` says.
 * @throws LayoutError `ERR_PARALLEL_LAYOUT` for another structure, another version, or a region cut short.
 */
export function openRegion(kind: Kind, region: Region): Int32Array {
  checkBounds(region, LINE_BYTES)
  const header = new Int32Array(region.buffer, region.byteOffset, WORDS_PER_LINE)
  // owned: the header is written once, before the region is sent
  const magic = peek(header, HEADER_MAGIC)
  if (magic !== (MAGIC | kind))
    throw new LayoutError('the region holds another structure', { expected: MAGIC | kind, found: magic })
  const version = peek(header, HEADER_VERSION)
  if (version !== LAYOUT_VERSION)
    throw new LayoutError('the region was made by another version of the library', {
      expected: LAYOUT_VERSION,
      found: version,
    })
  const bytes = peek(header, HEADER_BYTES)
  if (bytes < LINE_BYTES || bytes % LINE_BYTES !== 0)
    throw new LayoutError('the header of the region is damaged', { expected: LINE_BYTES, found: bytes })
  checkBounds(region, bytes)
  return new Int32Array(region.buffer, region.byteOffset, bytes / 4)
}

export function parameterOf(words: Int32Array, index: number): number {
  return peek(words, HEADER_PARAMETER + index) // owned: written once by createRegion
}

/** Capacities are powers of two, so that an index becomes a place by one mask. */
export function powerOfTwo(value: number, what: string): number {
  if (!Number.isInteger(value) || value < 1 || value > 1 << 28)
    throw new RangeError(`${what} must be an integer from 1 to 2^28, not ${value}`)
  return 2 ** Math.ceil(Math.log2(value))
}

function checkBounds(region: Region, bytes: number): void {
  if (!(region?.buffer instanceof SharedArrayBuffer))
    throw new LayoutError('a region needs a SharedArrayBuffer', { expected: bytes, found: 0 })
  if (!(region.byteOffset >= 0) || region.byteOffset % LINE_BYTES !== 0)
    throw new LayoutError(`byteOffset ${region.byteOffset} is not a multiple of ${LINE_BYTES}`, {
      expected: 0,
      found: region.byteOffset % LINE_BYTES,
    })
  const found = Math.min(region.byteLength, region.buffer.byteLength - region.byteOffset)
  if (!(found >= bytes)) throw new LayoutError('the region is too small', { expected: bytes, found })
}
