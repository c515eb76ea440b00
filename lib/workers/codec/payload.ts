/**
 * A value that has been taken, and waits to be placed.
 *
 * An encoder is used again and again: what it holds is good until its thread takes the next value. So a call is placed
 * at once, or `kept` makes a copy that lasts.
 */
import { Memory } from '../memory.js'
import { Decoder, type Sources } from './decoder.js'
import { Encoder, NO_MOVES } from './encoder.js'
import type { Describe } from './error-classes.js'
import { inlineKind } from './kinds.js'
import type { Cargo } from './manifest.js'
import { markAll } from './moves.js'
import { refusal } from './refusal.js'

/** A payload that lasts, and can be posted: bytes, and a clone of what bytes cannot carry. */
export interface Snapshot {
  readonly bytes: Uint8Array
  readonly side: readonly unknown[] | undefined
  readonly cargo: Cargo | undefined
}

/** Arguments as they were when the call was made: primitives as they are (nobody can change one), else a payload. */
export type Arguments = readonly unknown[] | Encoder | Snapshot

/** Undefined while it decodes: to find what a payload names this thread may have to hear what others say, and that may be a payload. */
let decoder: Decoder | undefined = new Decoder()
const taking = new Encoder()
/** Primitives are encoded when they are placed, and then another call may just have been taken. */
const placing = new Encoder()
/** In a snapshot, which holds its side values itself. */
const OWN_SIDE = 1

/**
 * The arguments of a call, good until this thread takes others.
 * @throws PayloadError `ERR_PARALLEL_PAYLOAD` naming the path of what cannot be carried
 */
export function takeArguments(args: readonly unknown[], task: string, transfer?: readonly unknown[]): Arguments {
  if (transfer !== undefined && transfer.length > 0) return takeWith(args, task, transfer)
  return isFlat(args) ? args : take(args, 'args', task)
}

/** Arguments that go to several threads. @throws PayloadError also for what is to be moved */
export function takeForAll(args: readonly unknown[], task: string): Arguments {
  return isFlat(args) ? args : take(args, 'args', task, NO_MOVES)
}

function takeWith(args: readonly unknown[], task: string, transfer: readonly unknown[]): Arguments {
  const unmark = markAll(transfer, task)
  try {
    return take(args, 'args', task, transfer as readonly object[])
  } catch (error) {
    unmark()
    throw error
  }
}

/** The same arguments, good for ever. */
export function kept(args: Arguments): Arguments {
  return args instanceof Encoder ? snapshotOf(args) : args
}

/** The values that were taken, for a call that never leaves its thread. */
export function argumentsOf(args: Arguments): readonly unknown[] {
  return isList(args) ? args : (restored(args instanceof Encoder ? snapshotOf(args) : args) as unknown[])
}

/** Values that go to one thread alone. */
export function hasMoves(args: Arguments): boolean {
  return !isList(args) && args.cargo?.moved !== undefined
}

/** Bytes and side values of arguments. */
export function payloadOf(args: Arguments): Encoder | Snapshot {
  if (!isList(args)) return args
  placing.encode(args)
  return placing
}

/** A value, good until this thread takes another. @throws PayloadError */
export function take(
  value: unknown,
  root: string,
  task: string,
  transfer?: readonly object[],
  describe?: Describe,
): Encoder {
  const encoder = taking.isBusy ? new Encoder() : taking // a getter of a value may call a task
  try {
    encoder.encode(value, transfer, describe)
    return encoder
  } catch (error) {
    encoder.release()
    throw refusal(error, value, root, task)
  }
}

/**
 * @param root what the value is called in an error: `args` or `the result`
 * @param describe for what was thrown (failures.ts)
 * @throws PayloadError `ERR_PARALLEL_PAYLOAD` naming the path of what cannot be carried
 */
export function snapshot(value: unknown, root: string, task: string, describe?: Describe): Snapshot {
  return snapshotOf(take(value, root, task, undefined, describe))
}

function snapshotOf(encoder: Encoder): Snapshot {
  const bytes = Buffer.allocUnsafeSlow(encoder.byteLength)
  encoder.copyTo(Memory.of(bytes), 0, encoder.side === undefined ? 0 : OWN_SIDE)
  const { side, cargo } = encoder
  encoder.release()
  return { bytes, side, cargo }
}

/** The value of a snapshot: a copy of its own. */
export function restored({ bytes, side, cargo }: Snapshot): unknown {
  return readPayload(Memory.of(bytes), 0, bytes.byteLength, {
    side: () => side,
    shared: (index) => at(cargo?.shared, index),
    moved: (index) => at(cargo?.moved, index),
  })
}

/** @throws RangeError when there is no such thing in the list */
export function at(list: readonly object[] | undefined, index: number): object {
  const value = list?.[index]
  if (value === undefined) throw new RangeError(`value ${index} of ${list?.length ?? 0} that are beside the payload`)
  return value
}

/** A payload with copies of what was to be moved. @throws PayloadError for what cannot be copied */
export function withoutMoves(taken: Encoder, task: string): Encoder {
  return take(restored(snapshotOf(taken)), 'the result', task)
}

/** The value in shared memory. @throws PayloadError `ERR_PARALLEL_PAYLOAD` for bytes that nobody has encoded */
export function readPayload(memory: Memory, start: number, length: number, sources: Sources): unknown {
  const own = decoder ?? new Decoder()
  decoder = undefined
  try {
    return own.decode(memory, start, length, sources)
  } finally {
    decoder = own
  }
}

/** A result that never leaves its thread. @throws PayloadError when it could not */
export function cloned(value: unknown, task: string): unknown {
  if (typeof value === 'string' || inlineKind(value) >= 0) return value
  return restored(snapshot(value, 'the result', task))
}

export function isList(args: Arguments): args is readonly unknown[] {
  return Array.isArray(args)
}

function isFlat(values: readonly unknown[]): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (typeof value !== 'string' && inlineKind(value) < 0) return false
  }
  return true
}
