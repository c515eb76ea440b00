/**
 * Arguments and results between values and slots, for one participant. Inline where they fit into the slot, else a block
 * of the writer's own arena, else a buffer of its own.
 *
 * Every payload names its buffer by a number, so that a reader that meets it needs nothing but the table of buffers.
 */
import { peek, peekDouble, poke, pokeDouble } from '#atomics'
import { PayloadError } from '../../errors.js'
import { Arena, type ArenaOwner, EMPTY, type Region } from '../../ring-buffer/index.js'
import {
  ARG0,
  ARG1,
  ARGS_LENGTH,
  ARGS_OFFSET,
  ARGS_SEGMENT,
  KINDS,
  RESULT,
  RESULT_LENGTH,
  RESULT_OFFSET,
  RESULT_SEGMENT,
  type TeamMemory,
} from '../../scheduler/index.js'
import type { Announcement, Buffers } from '../buffers.js'
import { Memory } from '../memory.js'
import { OwnBuffers } from '../own-buffers.js'
import { SharedBuffers } from '../shared-buffers.js'
import type { Sources } from './decoder.js'
import { Encoder } from './encoder.js'
import { snapshotFailure } from './failures.js'
import { Hold } from './hold.js'
import {
  ARG1_SHIFT,
  ARGUMENTS_MASK,
  COUNT_PAYLOAD,
  COUNT_SHIFT,
  ENCODED,
  ENTERED,
  FAILED,
  inlineKind,
  inlineValue,
  KIND_MASK,
  LATIN1_BLOCK,
  MOVING,
  NUMBER,
  REFERRING,
  RESULT_SHIFT,
  SHORT,
  TEXT,
  unboxed,
} from './kinds.js'
import { bytesWith, type Cargo, Manifest } from './manifest.js'
import { type Arguments, at, isList, payloadOf, readPayload, type Snapshot, take, withoutMoves } from './payload.js'
import { SlotTexts, tryWriteText } from './slot-texts.js'
import { HEADER_BYTES } from './tags.js'
import { blockBytes, blockKind, readBlock, writeBlock } from './text-blocks.js'

/** A payload above this gets a buffer of its own: the arena stays free for small ones. */
export const OWN_BUFFER_BYTES = 1 << 20
/** Lengths are words. */
const MOST_BYTES = 2 ** 32 - 1
const UNGIVEN = -1
/** Of arguments and of results alike, beside the offset. */
const LENGTH = ARGS_LENGTH - ARGS_OFFSET
const SEGMENT = ARGS_SEGMENT - ARGS_OFFSET

/** How a participant makes a buffer or a value known to the others before the slot that names it is published. */
export interface Announcer {
  buffer(buffer: SharedArrayBuffer): number
  message(value: unknown): number
  /** A shared buffer, or a view of one. */
  reference(value: object): number
  /** Values that are moved to the host, in place of the number. */
  moved(values: readonly object[]): number
  /** A number that nobody else has. */
  number(): number
  /** Nobody shall know it any more. */
  release(id: number): void
  /** The payload in another participant's buffer has been read. */
  free(id: number): void
}

export class Carrier {
  readonly #memory: TeamMemory
  readonly #words: Int32Array
  readonly #doubles: Float64Array
  readonly #arena: ArenaOwner
  readonly #arenaId: number
  readonly #arenaMemory: Memory
  readonly #buffers: Buffers
  readonly #own: OwnBuffers
  readonly #announcer: Announcer
  readonly #shared: SharedBuffers
  readonly #hold: Hold
  readonly #sideValues: Sources
  readonly #texts = new SlotTexts()
  /** Where `#write` has put the last payload. */
  #segment = 0
  #offset = 0
  #target: Memory

  constructor(memory: TeamMemory, arena: Region, arenaId: number, buffers: Buffers, announcer: Announcer) {
    this.#memory = memory
    this.#words = memory.words
    this.#doubles = memory.doubles
    this.#arena = Arena.ownerOf(arena)
    this.#arenaId = arenaId
    this.#arenaMemory = Memory.of(Arena.viewOf(arena))
    this.#buffers = buffers
    this.#announcer = announcer
    this.#own = new OwnBuffers(announcer)
    this.#shared = new SharedBuffers(announcer)
    this.#hold = new Hold(this.#shared)
    this.#target = this.#arenaMemory
    buffers.onFree = (id) => void (this.#hold.wasRead(id) || this.#own.giveBack(id))
    this.#sideValues = {
      side: (message) => buffers.message(message),
      shared: (index) => at(undefined, index),
      moved: (index) => at(undefined, index),
    }
  }

  /** Submitter. Writes arguments and `flags` into a slot that nobody else can see yet; false: no room in the arena now. */
  writeArguments(id: number, args: Arguments, flags: number): boolean {
    const slot = this.#memory.slot(id)
    if (!isList(args)) return this.#writePayload(slot, args, flags)
    const count = args.length
    if (count > 2) return this.#writePayload(slot, payloadOf(args), flags)
    let kind0 = count > 0 ? this.#writeInline(slot, ARG0, args[0]) : 0
    let kind1 = count > 1 ? this.#writeInline(slot, ARG1, args[1]) : 0
    if (kind0 < 0) {
      if (kind1 >= 0) kind0 = this.#writeArgumentBlock(slot, args[0])
    } else if (kind1 < 0) kind1 = this.#writeArgumentBlock(slot, args[1])
    if (kind0 < 0 || kind1 < 0) return this.#writePayload(slot, payloadOf(args), flags)
    poke(this.#words, slot + KINDS, kind0 | (kind1 << ARG1_SHIFT) | (count << COUNT_SHIFT) | flags) // owned: the slot is not published
    return true
  }

  /** Of a slot that this thread may write. Returns the kind, or -1: it does not fit. */
  #writeInline(slot: number, place: number, value: unknown): number {
    const kind = inlineKind(value)
    if (kind === NUMBER)
      pokeDouble(this.#doubles, (slot >> 1) + place, value as number) // owned: not published, or claimed
    else if (typeof value === 'string' && tryWriteText(this.#words, slot, place, value)) return TEXT
    return kind
  }

  /** Returns the kind, or -1: it is no text, too long, or there is no room in the arena now. */
  #writeTextBlock(text: unknown): number {
    if (typeof text !== 'string' || text.length > OWN_BUFFER_BYTES) return -1
    const kind = blockKind(text)
    const bytes = blockBytes(text.length, kind)
    this.#offset = bytes > OWN_BUFFER_BYTES ? EMPTY : this.#arena.tryAllocate(bytes)
    if (this.#offset === EMPTY) return -1
    writeBlock(this.#arenaMemory, this.#offset, text, kind)
    return kind
  }

  #writeArgumentBlock(slot: number, text: unknown): number {
    const kind = this.#writeTextBlock(text)
    if (kind < 0) return kind
    // owned: the slot is not published
    poke(this.#words, slot + ARGS_SEGMENT, this.#arenaId)
    poke(this.#words, slot + ARGS_OFFSET, this.#offset)
    poke(this.#words, slot + ARGS_LENGTH, (text as string).length)
    return kind
  }

  #writeResultBlock(slot: number, text: unknown): number {
    const kind = this.#writeTextBlock(text)
    if (kind < 0) return kind
    // owned: this thread claimed the slot
    poke(this.#words, slot + RESULT_SEGMENT, this.#arenaId)
    poke(this.#words, slot + RESULT_OFFSET, this.#offset)
    poke(this.#words, slot + RESULT_LENGTH, (text as string).length)
    return kind
  }

  /** `first` is ARGS_OFFSET or RESULT_OFFSET: the length and the segment are beside it. */
  #readTextBlock(slot: number, first: number, kind: number): string {
    // owned: published to this thread
    const memory = this.#buffers.memory(peek(this.#words, slot + first + SEGMENT))
    return readBlock(memory, peek(this.#words, slot + first), peek(this.#words, slot + first + LENGTH), kind)
  }

  /** `kind` is below LATIN1_BLOCK. */
  #readInline(slot: number, place: number, kind: number): unknown {
    if (kind === NUMBER) return unboxed(peekDouble(this.#doubles, (slot >> 1) + place)) // owned: published to this thread
    return kind === TEXT ? this.#texts.read(this.#words, slot, place) : inlineValue(kind)
  }

  #writePayload(slot: number, payload: Encoder | Snapshot, flags: number): boolean {
    if (!this.#write(payload, true)) return false
    // owned: the slot is not published
    poke(this.#words, slot + ARGS_SEGMENT, this.#segment)
    poke(this.#words, slot + ARGS_OFFSET, this.#offset)
    poke(this.#words, slot + ARGS_LENGTH, lengthOf(payload) | 0)
    const { cargo } = payload
    let format = ENCODED
    if (cargo !== undefined) {
      format = cargo.moved === undefined ? REFERRING : MOVING
      const numbers = this.#hold.keep(slot, cargo)
      const name = cargo.moved === undefined ? 0 : this.#announcer.number()
      new Manifest(this.#target, this.#offset, lengthOf(payload)).write(name, numbers)
    }
    poke(this.#words, slot + KINDS, format | (COUNT_PAYLOAD << COUNT_SHIFT) | flags)
    this.#written(payload)
    return true
  }

  /** Executor, once the slot is claimed. */
  readArguments(id: number): unknown[] {
    const slot = this.#memory.slot(id)
    const kinds = peek(this.#words, slot + KINDS) // owned: the claim made the submitter's writes visible
    const count = (kinds >> COUNT_SHIFT) & COUNT_PAYLOAD
    if (count === 0) return []
    if (count === COUNT_PAYLOAD) {
      const segment = peek(this.#words, slot + ARGS_SEGMENT)
      const offset = peek(this.#words, slot + ARGS_OFFSET)
      const length = peek(this.#words, slot + ARGS_LENGTH)
      const format = kinds & KIND_MASK
      const args =
        format === ENCODED
          ? this.#read(segment, offset, length)
          : this.#readCargo(segment, offset, length, format, slot)
      if (Array.isArray(args)) return args
      throw new PayloadError(`the arguments in slot ${id} are no list`)
    }
    const first = this.argument(slot, kinds, 0)
    return count === 1 ? [first] : [first, this.argument(slot, kinds, 1)]
  }

  /** False while the payload of the arguments has not been announced to this thread: it was booting at the time. */
  hasArguments(slot: number, kinds: number): boolean {
    if (((kinds >> COUNT_SHIFT) & COUNT_PAYLOAD) !== COUNT_PAYLOAD) return true
    // owned: claimed by this worker
    const segment = peek(this.#words, slot + ARGS_SEGMENT)
    if (!this.#buffers.has(segment)) return false
    const side = this.#sideOf(segment, peek(this.#words, slot + ARGS_OFFSET))
    if (side !== 0 && !this.#buffers.has(side)) return false
    if ((kinds & KIND_MASK) < REFERRING) return true
    const numbers = this.#tryManifest(slot)?.numbers ?? []
    return numbers.every((number) => this.#shared.get(number) !== undefined || this.#buffers.has(number))
  }

  /** Undefined when it is broken: reading the arguments says so, where the task can fail with it. */
  #tryManifest(slot: number): { readonly payload: number; readonly numbers: readonly number[] } | undefined {
    try {
      return this.#argumentsManifest(slot).read()
    } catch {
      return undefined
    }
  }

  #argumentsManifest(slot: number): Manifest {
    // owned: claimed by this worker, or a slot of its own
    const memory = this.#buffers.memory(peek(this.#words, slot + ARGS_SEGMENT))
    return new Manifest(memory, peek(this.#words, slot + ARGS_OFFSET), peek(this.#words, slot + ARGS_LENGTH) >>> 0)
  }

  /** Submitter: the moved values of a slot for its executor, and their name; undefined when it has had them. */
  handOver(id: number): { readonly payload: number; readonly values: readonly object[] } | undefined {
    const slot = this.#memory.slot(id)
    const values = this.#hold.handOver(slot)
    return values && { payload: this.#argumentsManifest(slot).read().payload, values }
  }

  /** Submitter: executors may yet ask for moved values. */
  get mayBeAsked(): boolean {
    return this.#hold.mayBeAsked
  }

  /** Submitter: a task cannot run again, for its moved values died with its executor. */
  isBereft(id: number): boolean {
    return this.#hold.isHandedOver(this.#memory.slot(id))
  }

  /** For a thread that starts: the shared buffers that this one has sent. */
  known(): Iterable<Announcement> {
    return this.#shared.known(this.#arenaId)
  }

  /** Submitter, of a slot that nobody has claimed or will: what was written into it, for it is to be placed again. */
  retakeArguments(id: number): Arguments {
    const slot = this.#memory.slot(id)
    const kinds = peek(this.#words, slot + KINDS) // owned: withdrawn
    if (((kinds >> COUNT_SHIFT) & COUNT_PAYLOAD) !== COUNT_PAYLOAD) return this.readArguments(id)
    const segment = peek(this.#words, slot + ARGS_SEGMENT)
    const offset = peek(this.#words, slot + ARGS_OFFSET)
    const side = this.#sideOf(segment, offset)
    const { bytes } = this.#buffers.memory(segment)
    return {
      bytes: Uint8Array.from(bytes.subarray(offset, offset + (peek(this.#words, slot + ARGS_LENGTH) >>> 0))),
      side: side === 0 ? undefined : (this.#buffers.message(side) as readonly unknown[]),
      cargo: this.#hold.cargoOf(slot),
    }
  }

  /** An inline argument; `slot` is the word offset, `kinds` its KINDS word. */
  argument(slot: number, kinds: number, index: 0 | 1): unknown {
    const kind = (index === 0 ? kinds : kinds >> ARG1_SHIFT) & KIND_MASK
    if (kind >= LATIN1_BLOCK) return this.#readTextBlock(slot, ARGS_OFFSET, kind)
    return this.#readInline(slot, index === 0 ? ARG0 : ARG1, kind)
  }

  /** Submitter, once the slot is settled. */
  releaseArguments(slot: number, kinds: number): void {
    const count = (kinds >> COUNT_SHIFT) & COUNT_PAYLOAD
    const isPayload = count === COUNT_PAYLOAD
    if (!isPayload && (count === 0 || !hasBlock(kinds))) return
    // owned: by this thread
    const segment = peek(this.#words, slot + ARGS_SEGMENT)
    const offset = peek(this.#words, slot + ARGS_OFFSET)
    if (isPayload && (kinds & KIND_MASK) >= REFERRING) this.#hold.drop(slot)
    if (isPayload) this.#release(segment, offset)
    else this.#releaseBlock(segment, offset)
  }

  /** Executor. @throws PayloadError when the value cannot be carried */
  writeResult(id: number, value: unknown, task: string): void {
    const slot = this.#memory.slot(id)
    let kind = this.#writeInline(slot, RESULT, value)
    if (kind < 0) kind = this.#writeResultBlock(slot, value)
    if (kind >= 0) {
      this.#writeResultKind(slot, kind)
      this.#hold.completed(slot)
    } else {
      const taken = take(value, 'the result', task)
      // There is no way for moved values between two workers: a parent has a copy.
      const isForWorker = taken.cargo?.moved !== undefined && id >= this.#memory.hostSlots
      this.#writePayloadResult(slot, isForWorker ? withoutMoves(taken, task) : taken, 0)
    }
  }

  /** Executor. Never throws: of an error that cannot be carried the message, the name and the stack travel. */
  writeFailure(id: number, error: unknown, task: string): void {
    this.#writePayloadResult(this.#memory.slot(id), snapshotFailure(error, task), FAILED)
  }

  /** Submitter, once the slot is settled. Gives the payload's block back. */
  readResult(slot: number, kinds: number): unknown {
    const kind = (kinds >> RESULT_SHIFT) & KIND_MASK
    if (kind < LATIN1_BLOCK) return this.#readInline(slot, RESULT, kind)
    const segment = peek(this.#words, slot + RESULT_SEGMENT)
    const offset = peek(this.#words, slot + RESULT_OFFSET)
    const length = peek(this.#words, slot + RESULT_LENGTH)
    let value: unknown
    try {
      value =
        kind < ENCODED
          ? this.#readTextBlock(slot, RESULT_OFFSET, kind)
          : kind === ENCODED
            ? this.#read(segment, offset, length)
            : this.#readCargo(segment, offset, length, kind, UNGIVEN)
    } catch (error) {
      this.#tryGiveBack(slot, kinds)
      throw error
    }
    this.#giveBack(slot, kinds)
    return value
  }

  /** Of what could not be read: it may not even say where it lies. */
  #tryGiveBack(slot: number, kinds: number): void {
    try {
      this.#giveBack(slot, kinds)
    } catch {
      // Nobody knows what there is to give back.
    }
  }

  /** Submitter, once the slot is settled: false while what a payload names has not been announced to this thread. */
  hasResult(slot: number): boolean {
    const segment = peek(this.#words, slot + RESULT_SEGMENT) // owned: settled
    if (!this.#buffers.has(segment)) return false
    const side = this.#sideOf(segment, peek(this.#words, slot + RESULT_OFFSET)) // owned: settled
    return side === 0 || this.#buffers.has(side)
  }

  /** Gives back a result that nobody reads. */
  releaseResult(slot: number, kinds: number): void {
    if (((kinds >> RESULT_SHIFT) & KIND_MASK) >= LATIN1_BLOCK) this.#giveBack(slot, kinds)
  }

  /** The result of a slot whose submitter has died. */
  releaseUnread(id: number): void {
    const slot = this.#memory.slot(id)
    const kinds = peek(this.#words, slot + KINDS) // owned: free, and no successor has started; or the successor's that asks
    // What was never announced to this thread died with its writer.
    if (this.#buffers.has(peek(this.#words, slot + RESULT_SEGMENT))) this.releaseResult(slot, kinds)
    else this.#markRead(slot, kinds)
  }

  /**
   * Who does it may die anywhere in here. That a result was read may be said twice, and is, before the mark; its memory is given
   * back once, or, should that death be just before it, not at all.
   */
  #giveBack(slot: number, kinds: number): void {
    const kind = (kinds >> RESULT_SHIFT) & KIND_MASK
    if (kind >= REFERRING) this.#sayRead(slot)
    this.#markRead(slot, kinds)
    const segment = peek(this.#words, slot + RESULT_SEGMENT) // owned: settled
    const offset = peek(this.#words, slot + RESULT_OFFSET)
    if (kind >= ENCODED) this.#release(segment, offset)
    else this.#releaseBlock(segment, offset)
  }

  /** Whoever recovers the slot finds nothing to give back. */
  #markRead(slot: number, kinds: number): void {
    poke(this.#words, slot + KINDS, kinds & ~(KIND_MASK << RESULT_SHIFT)) // owned: settled
  }

  #read(segment: number, offset: number, length: number): unknown {
    return readPayload(this.#buffers.memory(segment), offset, length >>> 0, this.#sideValues)
  }

  /** `slot`: whose arguments it is, or UNGIVEN. */
  #readCargo(segment: number, offset: number, length: number, format: number, slot: number): unknown {
    const memory = this.#buffers.memory(segment)
    const { payload, numbers } = new Manifest(memory, offset, length >>> 0).read()
    const shared = numbers.map((number) => this.#shared.get(number) ?? this.#buffers.reference(number))
    const moved = format === MOVING ? this.#buffers.takeMoved(payload) : undefined
    if (slot !== UNGIVEN) this.#hold.gave(slot, shared, numbers)
    return readPayload(memory, offset, length >>> 0, {
      side: this.#sideValues.side,
      shared: (index) => at(shared, index),
      moved: (index) => at(moved, index),
    })
  }

  /** Its writer need not keep what the result in a slot refers to. */
  #sayRead(slot: number): void {
    // owned: settled
    const memory = this.#buffers.memory(peek(this.#words, slot + RESULT_SEGMENT))
    const manifest = new Manifest(
      memory,
      peek(this.#words, slot + RESULT_OFFSET),
      peek(this.#words, slot + RESULT_LENGTH) >>> 0,
    )
    const { payload, numbers } = manifest.read()
    if (payload === 0 || numbers.length === 0 || this.#hold.wasRead(payload)) return
    this.#announcer.free(payload)
  }

  /** The number of the message with the side values of a payload, or 0. */
  #sideOf(segment: number, offset: number): number {
    const { view } = this.#buffers.memory(segment)
    return offset >= 0 && offset + HEADER_BYTES <= view.byteLength ? view.getUint32(offset, true) : 0
  }

  #release(segment: number, offset: number): void {
    const side = this.#sideOf(segment, offset)
    if (side !== 0) this.#announcer.release(side)
    this.#releaseBlock(segment, offset)
  }

  #releaseBlock(segment: number, offset: number): void {
    if (segment === this.#arenaId) this.#arena.free(offset)
    else if (this.#buffers.isArena(segment)) this.#buffers.releaseBlock(segment, offset)
    else if (!this.#own.giveBack(segment)) this.#announcer.free(segment)
  }

  /**
   * Puts a payload where others can read it. False: there is no room in the arena, and arguments can wait for it. Results
   * wait for nothing: what does not fit gets a buffer of its own.
   */
  #write(payload: Encoder | Snapshot, mayWait: boolean): boolean {
    const length = payload.cargo === undefined ? lengthOf(payload) : bytesWith(payload.cargo, lengthOf(payload))
    if (length > MOST_BYTES) throw new PayloadError(`a value of ${length} bytes: 2^32 - 1 are the most`)
    let memory = this.#arenaMemory
    this.#segment = this.#arenaId
    this.#offset = length > OWN_BUFFER_BYTES ? EMPTY : this.#arena.tryAllocate(length)
    if (this.#offset === EMPTY) {
      if (mayWait && length <= OWN_BUFFER_BYTES) return false
      this.#buffers.refresh() // what others have read comes back
      const own = this.#own.take(length)
      memory = own.memory
      this.#segment = own.id
      this.#offset = 0
    }
    this.#target = memory
    const side = payload.side === undefined ? 0 : this.#announcer.message(payload.side)
    if (payload instanceof Encoder) payload.copyTo(memory, this.#offset, side)
    else {
      memory.bytes.set(payload.bytes, this.#offset)
      memory.view.setUint32(this.#offset, side, true)
    }
    return true
  }

  #writePayloadResult(slot: number, payload: Encoder | Snapshot, flag: number): void {
    this.#write(payload, false)
    // owned: this thread claimed the slot
    poke(this.#words, slot + RESULT_SEGMENT, this.#segment)
    poke(this.#words, slot + RESULT_OFFSET, this.#offset)
    poke(this.#words, slot + RESULT_LENGTH, lengthOf(payload) | 0)
    const { cargo } = payload
    const format = cargo === undefined ? ENCODED : this.#writeResultCargo(slot, cargo, lengthOf(payload))
    this.#writeResultKind(slot, format | (flag >> RESULT_SHIFT))
    this.#hold.completed(slot)
    this.#written(payload)
  }

  /** Nothing of it is kept until the next one comes. */
  #written(payload: Encoder | Snapshot): void {
    if (payload instanceof Encoder) payload.release()
    this.#target = this.#arenaMemory
  }

  #writeResultCargo(slot: number, { shared, moved }: Cargo, length: number): number {
    const { numbers, kept } = this.#hold.numbersFor(slot, shared)
    // Posted before the slot is published: its reader finds them among what has arrived.
    const payload = moved !== undefined ? this.#announcer.moved(moved) : kept.length > 0 ? this.#announcer.number() : 0
    if (kept.length > 0) this.#hold.keepUnread(payload, kept)
    new Manifest(this.#target, this.#offset, length).write(payload, numbers)
    return moved === undefined ? REFERRING : MOVING
  }

  #writeResultKind(slot: number, kindAndFlag: number): void {
    // owned: this thread claimed the slot
    const kept = peek(this.#words, slot + KINDS) & (ARGUMENTS_MASK | SHORT | ENTERED)
    poke(this.#words, slot + KINDS, kept | (kindAndFlag << RESULT_SHIFT))
  }
}

/** Of one or two inline arguments: one is a text in a block. */
function hasBlock(kinds: number): boolean {
  return (kinds & KIND_MASK) >= LATIN1_BLOCK || ((kinds >> ARG1_SHIFT) & KIND_MASK) >= LATIN1_BLOCK
}

/** The arguments in a slot with this KINDS word have values that are moved. */
export function isMoving(kinds: number): boolean {
  const mask = KIND_MASK | (COUNT_PAYLOAD << COUNT_SHIFT)
  return (kinds & mask) === (MOVING | (COUNT_PAYLOAD << COUNT_SHIFT))
}

function lengthOf(payload: Encoder | Snapshot): number {
  return payload instanceof Encoder ? payload.byteLength : payload.bytes.byteLength
}
