/**
 * The memory map of a team: one host, its workers, and everything they share, in one SharedArrayBuffer.
 *
 *   header | masks | host | participants: park, deque, inbox, completions, done stack, counters, question | bands | slots | queues
 *
 * Words that different threads write lie in different lines. The one exception is deliberate: the line of slot 0, the
 * *express slot*, begins with the back of the default band, so that a worker that polls the band already holds the
 * state, the function and the arguments of a call that was made with nothing else outstanding.
 */
import { poke } from '#atomics'
import { LAYOUT_VERSION, lines, powerOfTwo, WORDS_PER_LINE } from '../ring-buffer/index.js'

/** One bit per worker in each mask word. */
export const MAX_WORKERS = 32
export const HOST = 0
/** Bands: priority -3 … 3 is band 0 … 6, higher first. */
export const BANDS = 7
export const DEFAULT_BAND = 3

export interface TeamShape {
  /** Most workers at a time, 1 … 32. */
  readonly workers: number
  /** Calls of the host that lie in shared memory at a time. */
  readonly hostSlots: number
  /** Unfinished children that one worker has in shared memory at a time. */
  readonly workerSlots: number
}

// Word offsets of the team's own lines.
const VERSION = 0
/** Bit w-1: worker w is parked and may be woken for work. */
export const SLEEPING = WORDS_PER_LINE
/** Bit w-1: worker w looks for work, or was woken to look. In the line of SLEEPING: who writes one writes the other. */
export const SEARCHING = SLEEPING + 1
/** Bit w-1: worker w is parked with async tasks in flight: woken for work, but never counted as a searcher. */
export const LISTENING = SLEEPING + 2
/** Bit w-1: worker w runs its main loop. */
export const LIVE = SLEEPING + WORDS_PER_LINE
/** HOST_AWAKE, HOST_PARKED or HOST_BLOCKED. */
export const HOST_STATE = LIVE + WORDS_PER_LINE
/** Counts rings; the host's waitAsync waits here. */
export const BELL = HOST_STATE + WORDS_PER_LINE
/** Counts rings; the blocked host waits here. A word has sync or async waiters, never both. */
export const BLOCK_BELL = BELL + WORDS_PER_LINE
/** What workers want the host to look at, as bits: RESCAN, ASKED, TOLD. */
export const NOTICES = BLOCK_BELL + WORDS_PER_LINE
/** Counts the numbers given to arenas, buffers and messages. */
export const NEXT_BUFFER = NOTICES + WORDS_PER_LINE
/** Set by a worker that has children to give away and finds nobody to take them: the host starts more threads. */
export const WANTED = NEXT_BUFFER + WORDS_PER_LINE
const PARTICIPANTS = WANTED + WORDS_PER_LINE

export const HOST_AWAKE = 0
export const HOST_PARKED = 1
export const HOST_BLOCKED = 2

/** Of NOTICES: a completion ring was full, look at every slot. */
export const RESCAN = 1
/** Of NOTICES: a worker asks for moved values, look at every question. */
export const ASKED = 2
/** Of NOTICES: a worker has posted what others wait for, a blocked host reads its ports. */
export const TOLD = 4

// Lines of a participant.
const PARK_LINE = 0
const DEQUE_BOTTOM_LINE = 1
const DEQUE_TOP_LINE = 2
const INBOX_BACK_LINE = 3
const INBOX_FRONT_LINE = 4
const RING_TAIL_LINE = 5
const RING_HEAD_LINE = 6
const DONE_LINE = 7
const COUNTER_LINE = 8
const QUESTION_LINE = 9
const PARTICIPANT_WORDS = 10 * WORDS_PER_LINE

// Counters of a participant, written by it alone.
export const STEALS = 0
export const PARKS = 1
export const COMPLETED = 2
/** Also its own: id + 1 of the child of another that it completes, from before DONE until after the push on the done stack. */
export const PUSHING = 3

// Words of a slot: two cache lines. The first holds all that a small call needs.
/** Slot 0 only: index of the next item of the default band. */
export const SLOT_BACK = 0
/** Slot 0 only: the id pushed last and, in the upper bits, its index: read as one, so never a mixture. */
export const SLOT_EXPRESS = 1
/** Slot 0 only: bit b: band b may hold work; from BATCH_SHIFT on: how many tasks a worker may take at once. */
export const SLOT_BANDS = 2
export const STATE = 3
export const FUNCTION = 4
/** How arguments and result are carried; see workers/codec. */
export const KINDS = 5
/** Offsets in doubles from the slot's first double. */
export const ARG0 = 3
export const ARG1 = 4
export const RESULT = 5
export const STARTED = 6
/** Children only: a call of the host has its end in the record of its completion. */
export const FINISHED = 7
// The second line.
/** Link of the done stack. */
export const NEXT = 16
export const ARGS_OFFSET = 17
export const ARGS_LENGTH = 18
/** Announced buffer that holds the arguments, or 0: the submitter's arena. */
export const ARGS_SEGMENT = 19
export const RESULT_OFFSET = 20
export const RESULT_LENGTH = 21
export const RESULT_SEGMENT = 22
/** So many words each for ARG0, ARG1 and RESULT: what their doubles do not hold of a short text. */
export const TEXT_REST = 23
export const TEXT_REST_WORDS = 3
export const SLOT_WORDS = 32

export const BATCH_SHIFT = 8
export const EXPRESS_ID_BITS = 15
export const EXPRESS_ID_MASK = (1 << EXPRESS_ID_BITS) - 1

/** Every 61st claim is from the next band in turn. Prime, so that it falls in step with no batch (Go's schedtick). */
export const AGING_PERIOD = 61

const BAND_LINES = 2
/**
 * From this size on an allocator maps memory of its own and gives it back at the end: pages that nobody touches cost nothing.
 * A smaller block comes out of the process's heap, which keeps it, and is cleared at every use.
 */
const OWN_MAPPING_BYTES = 1 << 26

/** The map as numbers, plus the views. Both sides build it from the same buffer and shape. */
export class TeamMemory {
  readonly buffer: SharedArrayBuffer
  readonly words: Int32Array
  readonly doubles: Float64Array
  readonly shape: TeamShape
  readonly workers: number
  readonly hostSlots: number
  readonly slotCount: number
  readonly dequeCapacity: number
  readonly inboxCapacity: number
  readonly ringCapacity: number
  readonly bandCapacity: number
  readonly #queues: number
  readonly #queueWords: number
  readonly #bandLines: number
  readonly #bandItems: number
  readonly slots: number

  constructor(shape: TeamShape, buffer: SharedArrayBuffer | undefined) {
    this.shape = shape
    this.workers = shape.workers
    this.hostSlots = shape.hostSlots
    this.slotCount = shape.hostSlots + shape.workers * shape.workerSlots
    if (shape.workers < 1 || shape.workers > MAX_WORKERS)
      throw new RangeError(`workers must be from 1 to ${MAX_WORKERS}, not ${shape.workers}`)
    if (this.slotCount > EXPRESS_ID_MASK)
      throw new RangeError(`${this.slotCount} slots are more than ${EXPRESS_ID_MASK}`)
    // A deque holds its owner's children and what a recovery adds; an inbox what one worker takes at a time.
    this.dequeCapacity = powerOfTwo(shape.workerSlots, 'workerSlots')
    this.inboxCapacity = INBOX_CAPACITY
    this.ringCapacity = powerOfTwo(shape.hostSlots, 'hostSlots')
    this.bandCapacity = powerOfTwo(shape.hostSlots, 'hostSlots')
    let end = PARTICIPANTS + (shape.workers + 1) * PARTICIPANT_WORDS
    const reserve = (words: number): number => {
      const start = end
      end += lines(words * 4) / 4
      return start
    }
    this.#bandLines = reserve(BANDS * BAND_LINES * WORDS_PER_LINE)
    this.#bandItems = reserve(this.bandCapacity * BANDS)
    // What one participant has lies together, and those with the highest numbers at the end: pages that nobody touches.
    this.#queueWords = lines((this.ringCapacity * 3 + this.dequeCapacity + this.inboxCapacity) * 4) / 4
    this.slots = reserve(this.slotCount * SLOT_WORDS)
    this.#queues = reserve(this.#queueWords * (shape.workers + 1))
    this.buffer = buffer ?? new SharedArrayBuffer(Math.max(end * 4, OWN_MAPPING_BYTES))
    this.words = new Int32Array(this.buffer)
    this.doubles = new Float64Array(this.buffer)
    if (buffer === undefined) poke(this.words, VERSION, LAYOUT_VERSION) // owned: not shared yet
  }

  park(participant: number): number {
    return this.#line(participant, PARK_LINE)
  }
  dequeBottom(participant: number): number {
    return this.#line(participant, DEQUE_BOTTOM_LINE)
  }
  dequeTop(participant: number): number {
    return this.#line(participant, DEQUE_TOP_LINE)
  }
  dequeItems(participant: number): number {
    return this.#queuesOf(participant) + this.ringCapacity * 3
  }
  inboxBack(participant: number): number {
    return this.#line(participant, INBOX_BACK_LINE)
  }
  inboxFront(participant: number): number {
    return this.#line(participant, INBOX_FRONT_LINE)
  }
  inboxItems(participant: number): number {
    return this.#queuesOf(participant) + this.ringCapacity * 3 + this.dequeCapacity
  }
  ringTail(participant: number): number {
    return this.#line(participant, RING_TAIL_LINE)
  }
  ringHead(participant: number): number {
    return this.#line(participant, RING_HEAD_LINE)
  }
  ringItems(participant: number): number {
    return this.#queuesOf(participant) + this.ringCapacity * 2
  }
  /** Offset in doubles: when the task of each record in the completion ring ended. */
  ringTimes(participant: number): number {
    return this.#queuesOf(participant) >> 1
  }
  /** Head of the stack of finished children that wait for their submitter. */
  done(participant: number): number {
    return this.#line(participant, DONE_LINE)
  }
  counters(participant: number): number {
    return this.#line(participant, COUNTER_LINE)
  }
  /** Of a worker: the slot whose moved values it asks for, + 1; see questions.ts. */
  question(participant: number): number {
    return this.#line(participant, QUESTION_LINE)
  }
  bandBack(band: number): number {
    return band === DEFAULT_BAND ? this.slots + SLOT_BACK : this.#bandLines + band * BAND_LINES * WORDS_PER_LINE
  }
  bandFront(band: number): number {
    return this.#bandLines + (band * BAND_LINES + 1) * WORDS_PER_LINE
  }
  bandItems(band: number): number {
    return this.#bandItems + band * this.bandCapacity
  }
  slot(id: number): number {
    return this.slots + id * SLOT_WORDS
  }
  /** First slot of a participant. */
  slotsOf(participant: number): number {
    return participant === HOST ? 0 : this.hostSlots + (participant - 1) * this.shape.workerSlots
  }
  /** The participant that allocates and frees a slot. */
  submitterOf(id: number): number {
    return id < this.hostSlots ? HOST : 1 + Math.floor((id - this.hostSlots) / this.shape.workerSlots)
  }

  /** The completion ring's times, its items, then the items of deque and inbox. */
  #queuesOf(participant: number): number {
    return this.#queues + participant * this.#queueWords
  }

  #line(participant: number, line: number): number {
    return PARTICIPANTS + participant * PARTICIPANT_WORDS + line * WORDS_PER_LINE
  }
}

/** Two batches: what a worker holds back from others is at most this. */
export const INBOX_CAPACITY = 64
/** Most tasks that one swap brings into an inbox. */
export const BATCH_LIMIT = 32

export function bitOf(worker: number): number {
  return 1 << (worker - 1)
}

/** Number of the worker whose bit is the lowest in a mask that is not 0. */
export function lowestWorker(mask: number): number {
  return 32 - Math.clz32(mask & -mask)
}

export function countWorkers(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}
