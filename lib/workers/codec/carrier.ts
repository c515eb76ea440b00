/**
 * Arguments and results between values and slots, for one participant. Inline where they fit into the slot, else a block
 * of the writer's own arena, else a buffer of their own that is announced, else a message.
 *
 * Every payload names its buffer by a number, so that a reader that meets it needs nothing but the table of buffers.
 */
import { peek, peekDouble, poke, pokeDouble } from '#atomics'
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
import type { Buffers } from '../buffers.js'
import { snapshotFailure } from './failures.js'
import { flatBytes, isFlat, readFlat, writeFlat } from './flat.js'
import {
  ARG1_SHIFT,
  ARGUMENTS_MASK,
  COUNT_PAYLOAD,
  COUNT_SHIFT,
  FAILED,
  FLAT,
  inlineKind,
  inlineValue,
  KIND_MASK,
  MESSAGE,
  NUMBER,
  RESULT_SHIFT,
  SERIALIZED,
  SHORT,
} from './kinds.js'
import { deserialize, restored, type Snapshot, snapshot } from './serialize.js'

/** A payload above this gets a buffer of its own: its copy costs more than the announcement, and the arena stays free. */
export const OWN_BUFFER_BYTES = 1 << 20

/** How a participant makes a buffer or a value known to the others before the slot that names it is published. */
export interface Announcer {
  buffer(buffer: SharedArrayBuffer): number
  message(value: unknown): number
  release(id: number): void
}

/** Arguments that were taken when the call was made: inline or flat values as they are (nobody can change a primitive),
 * anything else as a snapshot. */
export type Arguments = readonly unknown[] | Snapshot

/** @throws PayloadError `ERR_PARALLEL_PAYLOAD` naming the path of what cannot be carried */
export function takeArguments(args: readonly unknown[], task: string): Arguments {
  return isFlat(args) ? args : snapshot(args, 'args', task)
}

/** The values that `takeArguments` took, for a call that never leaves its thread. */
export function argumentsOf(args: Arguments): readonly unknown[] {
  if (Array.isArray(args)) return args
  return restored(args as Snapshot) as unknown[]
}

/** A result that never leaves its thread. @throws PayloadError when it could not */
export function cloned(value: unknown, task: string): unknown {
  if (typeof value === 'string' || inlineKind(value) >= 0) return value
  return restored(snapshot(value, 'the result', task))
}

export class Carrier {
  readonly #memory: TeamMemory
  readonly #words: Int32Array
  readonly #doubles: Float64Array
  readonly #arena: ArenaOwner
  readonly #arenaId: number
  readonly #arenaBytes: Buffer
  readonly #buffers: Buffers
  readonly #announcer: Announcer

  constructor(memory: TeamMemory, arena: Region, arenaId: number, buffers: Buffers, announcer: Announcer) {
    this.#memory = memory
    this.#words = memory.words
    this.#doubles = memory.doubles
    this.#arena = Arena.ownerOf(arena)
    this.#arenaId = arenaId
    const view = Arena.viewOf(arena)
    this.#arenaBytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength)
    this.#buffers = buffers
    this.#announcer = announcer
  }

  /** Submitter. Writes arguments and `flags` into a slot that nobody else can see yet; false: no room in the arena now. */
  writeArguments(id: number, args: Arguments, flags: number): boolean {
    const words = this.#words
    const slot = this.#memory.slot(id)
    // owned: the slot is not published
    if (!Array.isArray(args)) return this.#writeSnapshotArguments(slot, args as Snapshot, flags)
    const count = args.length
    const kind0 = count > 0 ? inlineKind(args[0]) : 0
    const kind1 = count > 1 ? inlineKind(args[1]) : 0
    if (count > 2 || kind0 < 0 || kind1 < 0) return this.#writeFlatArguments(slot, args, flags)
    if (kind0 === NUMBER) pokeDouble(this.#doubles, (slot >> 1) + ARG0, args[0] as number)
    if (kind1 === NUMBER) pokeDouble(this.#doubles, (slot >> 1) + ARG1, args[1] as number)
    poke(words, slot + KINDS, kind0 | (kind1 << ARG1_SHIFT) | (count << COUNT_SHIFT) | flags)
    return true
  }

  /** Executor, once the slot is claimed. */
  readArguments(id: number): unknown[] {
    const slot = this.#memory.slot(id)
    const kinds = peek(this.#words, slot + KINDS) // owned: the claim made the submitter's writes visible
    const count = (kinds >> COUNT_SHIFT) & COUNT_PAYLOAD
    if (count === 0) return []
    if (count === COUNT_PAYLOAD) {
      const offset = peek(this.#words, slot + ARGS_OFFSET)
      const length = peek(this.#words, slot + ARGS_LENGTH)
      const segment = peek(this.#words, slot + ARGS_SEGMENT)
      return this.#readPayload(kinds & KIND_MASK, segment, offset, length) as unknown[]
    }
    const first = this.argument(slot, kinds, 0)
    return count === 1 ? [first] : [first, this.argument(slot, kinds, 1)]
  }

  /** False while the payload of the arguments has not been announced to this thread: it was booting at the time. */
  hasArguments(slot: number, kinds: number): boolean {
    if (((kinds >> COUNT_SHIFT) & COUNT_PAYLOAD) !== COUNT_PAYLOAD) return true
    return this.#buffers.has(peek(this.#words, slot + ARGS_SEGMENT)) // owned: claimed by this worker
  }

  /** An inline argument; `slot` is the word offset, `kinds` its KINDS word. */
  argument(slot: number, kinds: number, index: 0 | 1): unknown {
    if (index === 0) return inlineValue(kinds & KIND_MASK, peekDouble(this.#doubles, (slot >> 1) + ARG0))
    return inlineValue((kinds >> ARG1_SHIFT) & KIND_MASK, peekDouble(this.#doubles, (slot >> 1) + ARG1))
  }

  /** Submitter, once the slot is settled. */
  releaseArguments(slot: number, kinds: number): void {
    if (((kinds >> COUNT_SHIFT) & COUNT_PAYLOAD) !== COUNT_PAYLOAD) return
    const segment = peek(this.#words, slot + ARGS_SEGMENT) // owned: written by this thread
    if ((kinds & KIND_MASK) !== MESSAGE && segment === this.#arenaId) {
      this.#arena.free(peek(this.#words, slot + ARGS_OFFSET))
    } else this.#announcer.release(segment)
  }

  /** Executor. @throws PayloadError when the value cannot be carried */
  writeResult(id: number, value: unknown, task: string): void {
    const slot = this.#memory.slot(id)
    const kind = inlineKind(value)
    if (kind >= 0) {
      if (kind === NUMBER) pokeDouble(this.#doubles, (slot >> 1) + RESULT, value as number) // owned: claimed
      this.#writeResultKind(slot, kind)
    } else if (typeof value === 'string') this.#writeFlatResult(slot, [value])
    else this.#writeSnapshotResult(slot, snapshot(value, 'the result', task), 0)
  }

  /** Executor. Never throws: of an error that cannot be carried the message, the name and the stack travel. */
  writeFailure(id: number, error: unknown, task: string): void {
    this.#writeSnapshotResult(this.#memory.slot(id), snapshotFailure(error, task), FAILED)
  }

  /** Submitter, once the slot is settled. Gives the payload's block back. */
  readResult(slot: number, kinds: number): unknown {
    const kind = (kinds >> RESULT_SHIFT) & KIND_MASK
    if (kind <= NUMBER) return inlineValue(kind, peekDouble(this.#doubles, (slot >> 1) + RESULT)) // owned: settled
    const segment = peek(this.#words, slot + RESULT_SEGMENT)
    const offset = peek(this.#words, slot + RESULT_OFFSET)
    try {
      const value = this.#readPayload(kind, segment, offset, peek(this.#words, slot + RESULT_LENGTH))
      return kind === FLAT ? (value as unknown[])[0] : value
    } finally {
      this.#release(kind, segment, offset)
    }
  }

  /** Gives back a result that nobody reads. */
  releaseResult(slot: number, kinds: number): void {
    const kind = (kinds >> RESULT_SHIFT) & KIND_MASK
    if (kind <= NUMBER) return
    this.#release(kind, peek(this.#words, slot + RESULT_SEGMENT), peek(this.#words, slot + RESULT_OFFSET)) // owned: settled
  }

  #release(kind: number, segment: number, offset: number): void {
    if (kind === MESSAGE || !this.#buffers.isArena(segment)) this.#announcer.release(segment)
    else if (segment === this.#arenaId) this.#arena.free(offset)
    else this.#buffers.releaseBlock(segment, offset)
  }

  #readPayload(format: number, segment: number, offset: number, length: number): unknown {
    if (format === MESSAGE) return this.#buffers.message(segment)
    const bytes = this.#buffers.bytes(segment, offset, length >>> 0)
    return format === FLAT ? readFlat(bytes) : deserialize(bytes)
  }

  #writeFlatArguments(slot: number, args: readonly unknown[], flags: number): boolean {
    const bytes = flatBytes(args)
    if (bytes > OWN_BUFFER_BYTES) {
      const own = Buffer.from(new SharedArrayBuffer(bytes))
      const used = writeFlat(args, own, 0)
      this.#placeArguments(
        slot,
        FLAT,
        this.#announcer.buffer(own.buffer as unknown as SharedArrayBuffer),
        0,
        used,
        flags,
      )
      return true
    }
    const offset = this.#arena.tryAllocate(bytes)
    if (offset === EMPTY) return false
    this.#placeArguments(slot, FLAT, this.#arenaId, offset, writeFlat(args, this.#arenaBytes, offset), flags)
    return true
  }

  #writeSnapshotArguments(slot: number, args: Snapshot, flags: number): boolean {
    if (args.bytes === undefined) {
      this.#placeArguments(slot, MESSAGE, this.#announcer.message(args.message.value), 0, 0, flags)
      return true
    }
    const { length } = args.bytes
    if (length > OWN_BUFFER_BYTES) {
      this.#placeArguments(slot, SERIALIZED, this.#announcer.buffer(copyShared(args.bytes)), 0, length, flags)
      return true
    }
    const offset = this.#arena.tryAllocate(length)
    if (offset === EMPTY) return false
    this.#arenaBytes.set(args.bytes, offset)
    this.#placeArguments(slot, SERIALIZED, this.#arenaId, offset, length, flags)
    return true
  }

  #placeArguments(slot: number, format: number, segment: number, offset: number, length: number, flags: number): void {
    // owned: the slot is not published
    poke(this.#words, slot + ARGS_SEGMENT, segment)
    poke(this.#words, slot + ARGS_OFFSET, offset)
    poke(this.#words, slot + ARGS_LENGTH, length | 0)
    poke(this.#words, slot + KINDS, format | (COUNT_PAYLOAD << COUNT_SHIFT) | flags)
  }

  #writeFlatResult(slot: number, values: readonly unknown[]): void {
    const bytes = flatBytes(values)
    const offset = bytes > OWN_BUFFER_BYTES ? EMPTY : this.#arena.tryAllocate(bytes)
    if (offset === EMPTY) {
      // Nobody waits for room: what does not fit gets a buffer of its own.
      const own = Buffer.from(new SharedArrayBuffer(bytes))
      const used = writeFlat(values, own, 0)
      this.#placeResult(slot, FLAT, this.#announcer.buffer(own.buffer as unknown as SharedArrayBuffer), 0, used, 0)
    } else this.#placeResult(slot, FLAT, this.#arenaId, offset, writeFlat(values, this.#arenaBytes, offset), 0)
  }

  #writeSnapshotResult(slot: number, result: Snapshot, flag: number): void {
    if (result.bytes === undefined) {
      this.#placeResult(slot, MESSAGE, this.#announcer.message(result.message.value), 0, 0, flag)
      return
    }
    const { length } = result.bytes
    const offset = length > OWN_BUFFER_BYTES ? EMPTY : this.#arena.tryAllocate(length)
    if (offset === EMPTY) {
      this.#placeResult(slot, SERIALIZED, this.#announcer.buffer(copyShared(result.bytes)), 0, length, flag)
      return
    }
    this.#arenaBytes.set(result.bytes, offset)
    this.#placeResult(slot, SERIALIZED, this.#arenaId, offset, length, flag)
  }

  #placeResult(slot: number, format: number, segment: number, offset: number, length: number, flag: number): void {
    // owned: this thread claimed the slot
    poke(this.#words, slot + RESULT_SEGMENT, segment)
    poke(this.#words, slot + RESULT_OFFSET, offset)
    poke(this.#words, slot + RESULT_LENGTH, length | 0)
    this.#writeResultKind(slot, format | (flag >> RESULT_SHIFT))
  }

  #writeResultKind(slot: number, kindAndFlag: number): void {
    // owned: claimed; what an earlier attempt left in the result's bits is overwritten
    const kept = peek(this.#words, slot + KINDS) & (ARGUMENTS_MASK | SHORT)
    poke(this.#words, slot + KINDS, kept | (kindAndFlag << RESULT_SHIFT))
  }
}

function copyShared(bytes: Uint8Array): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(bytes.length)
  new Uint8Array(shared).set(bytes)
  return shared
}
