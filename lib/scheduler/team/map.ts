/**
 * The memory map of a team of equals, in one region:
 *
 *   header | masks | participants: park, own words, bands, deque, rings of the bands | slots | items of deques and rings
 *
 * The masks lie where `lib/scheduler/layout.ts` says, so that the park protocol is the pool's. Words that different threads write
 * lie in different lines; a slot has a cache line to itself. README.md says what the words mean.
 */

import { LayoutError } from '../../errors.js'
import {
  createRegion,
  KIND_TEAM,
  LINE_BYTES,
  lines,
  openRegion,
  parameterOf,
  powerOfTwo,
  type Region,
  WORDS_PER_LINE,
} from '../../ring-buffer/index.js'
import { LIVE, MAX_WORKERS } from '../layout.js'

export const MAX_PARTICIPANTS = MAX_WORKERS
/** Highest number of bands: one bit each in a word. */
export const MAX_BANDS = 31
const MAX_BYTES = 2 ** 30

// Lines of a participant.
const PARK_LINE = 0
const OWN_LINE = 1
const BANDS_LINE = 2
const BOTTOM_LINE = 3
const TOP_LINE = 4
const RINGS_LINE = 5
const LINES_PER_RING = 2

// The own line: written by the participant, and at its death by who recovers it.
/** The slot that this participant may be taking from another's queue, + 1; 0: none. */
const HAND = 0
/** ABSENT, JOINED or RECOVERING. */
const MEMBER = 1
/** Counts submissions, so that those of one queue can be put in order. */
const SEQUENCE = 2

// Words of a slot.
export const STATE = 0
export const TASK = 1
export const ORDER = 2
const SLOT_WORDS = 16

export interface TeamShape {
  readonly participants: number
  /** A power of two. */
  readonly capacity: number
  readonly bands: number
}

/** The map as numbers, plus the words. */
export class TeamMap {
  readonly words: Int32Array
  readonly participants: number
  readonly capacity: number
  readonly bands: number
  /** Of all participants: the slots of their queues, then a private one each. */
  readonly slotCount: number
  readonly #participantWords: number
  readonly #slots: number
  readonly #items: number

  constructor(words: Int32Array, shape: TeamShape) {
    const { participants, capacity, bands } = shape
    this.words = words
    this.participants = participants
    this.capacity = capacity
    this.bands = bands
    this.slotCount = participants * ((bands + 1) * capacity + 1)
    this.#participantWords = participantWords(bands)
    this.#slots = PARTICIPANTS + participants * this.#participantWords
    this.#items = this.#slots + lines(this.slotCount * SLOT_WORDS * 4) / 4
  }

  /** Workers are counted from 1 in the masks and in `ParkMap`, participants from 0. */
  park(worker: number): number {
    return this.#line(worker - 1, PARK_LINE)
  }
  hand(participant: number): number {
    return this.#line(participant, OWN_LINE) + HAND
  }
  member(participant: number): number {
    return this.#line(participant, OWN_LINE) + MEMBER
  }
  sequence(participant: number): number {
    return this.#line(participant, OWN_LINE) + SEQUENCE
  }
  /** Bit b: band b of this participant may hold work. Only the participant writes it. */
  bandsOf(participant: number): number {
    return this.#line(participant, BANDS_LINE)
  }
  bottom(participant: number): number {
    return this.#line(participant, BOTTOM_LINE)
  }
  top(participant: number): number {
    return this.#line(participant, TOP_LINE)
  }
  back(participant: number, band: number): number {
    return this.#line(participant, RINGS_LINE + band * LINES_PER_RING)
  }
  front(participant: number, band: number): number {
    return this.#line(participant, RINGS_LINE + band * LINES_PER_RING + 1)
  }
  /** Items of a band's ring; queue number `bands` is the deque. */
  items(participant: number, queue: number): number {
    return this.#items + this.firstSlot(participant, queue)
  }
  /** The first of the `capacity` slots of a queue. */
  firstSlot(participant: number, queue: number): number {
    return (participant * (this.bands + 1) + queue) * this.capacity
  }
  /** The slot for a task that its submitter runs from its own heap. */
  privateSlot(participant: number): number {
    return this.firstSlot(this.participants, 0) + participant
  }
  /** Word offset of a slot. */
  slot(slot: number): number {
    return this.#slots + slot * SLOT_WORDS
  }
  /** The participant whose slot it is. */
  ownerOf(slot: number): number {
    const shared = this.firstSlot(this.participants, 0)
    return slot < shared ? Math.floor(slot / ((this.bands + 1) * this.capacity)) : slot - shared
  }
  /** The queue of a slot: a band, or `bands` for the deque; the private slot comes after them. */
  queueOf(slot: number): number {
    const shared = this.firstSlot(this.participants, 0)
    return slot < shared ? Math.floor(slot / this.capacity) % (this.bands + 1) : this.bands + 1
  }

  #line(participant: number, line: number): number {
    return PARTICIPANTS + participant * this.#participantWords + line * WORDS_PER_LINE
  }
}

const PARTICIPANTS = LIVE + WORDS_PER_LINE

function participantWords(bands: number): number {
  return (RINGS_LINE + bands * LINES_PER_RING) * WORDS_PER_LINE
}

/**
 * The bytes of a team.
 * @throws RangeError when they are more than 2^30
 */
export function teamBytes(shape: TeamShape): number {
  const { participants, capacity, bands } = shape
  const bytes = bytesOf(participants, capacity, bands)
  if (bytes <= MAX_BYTES) return bytes
  throw new RangeError(
    `${participants} participants with ${bands} bands of capacity ${capacity} take ${bytes} bytes, more than 2^30: ` +
      'lower the capacity, for what does not fit waits with its submitter',
  )
}

function bytesOf(participants: number, capacity: number, bands: number): number {
  const queueSlots = participants * (bands + 1) * capacity
  const before = PARTICIPANTS + participants * participantWords(bands)
  return before * 4 + lines((queueSlots + participants) * SLOT_WORDS * 4) + lines(queueSlots * 4)
}

/** @throws RangeError for an option that is out of range, with its name and value */
export function shapeOf(options: {
  readonly participants: number
  readonly capacity: number
  readonly bands?: number | undefined
}): TeamShape {
  const { participants, capacity, bands = 1 } = options
  requireInteger('participants', participants, 1, MAX_PARTICIPANTS)
  requireInteger('bands', bands, 1, MAX_BANDS)
  return { participants, bands, capacity: powerOfTwo(capacity, 'capacity') }
}

export function createTeam(shape: TeamShape, into: Region | undefined): Region {
  const { participants, capacity, bands } = shape
  const bytes = teamBytes(shape)
  const cleared = bytes / 4 - lines(participants * (bands + 1) * capacity * 4) / 4 // all but the items
  return createRegion(KIND_TEAM, bytes, [participants, capacity, bands], cleared, into)
}

/** @throws LayoutError `ERR_PARALLEL_LAYOUT` for a region that is no team, of another version, or cut short */
export function openTeam(region: Region): TeamMap {
  const words = openRegion(KIND_TEAM, region)
  const participants = parameterOf(words, 0)
  const capacity = parameterOf(words, 1)
  const bands = parameterOf(words, 2)
  const sound =
    participants >= 1 && participants <= MAX_PARTICIPANTS && bands >= 1 && bands <= MAX_BANDS && isPower(capacity)
  const expected = sound ? bytesOf(participants, capacity, bands) : LINE_BYTES
  if (!sound || expected !== words.byteLength)
    throw new LayoutError('the header of the team is damaged', { expected, found: words.byteLength })
  return new TeamMap(words, { participants, capacity, bands })
}

/** @throws RangeError when `value` is no integer from `least` to `most` */
export function requireInteger(what: string, value: number, least: number, most: number, wayOut = ''): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new RangeError(`${what} must be an integer from ${least} to ${most}, not ${String(value)}${wayOut}`)
}

function isPower(value: number): boolean {
  return value >= 1 && (value & (value - 1)) === 0
}
