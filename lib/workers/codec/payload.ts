/**
 * A value that has been taken, and waits to be placed.
 *
 * An encoder is used again and again: what it holds is good until its thread takes the next value. So a call is placed
 * at once, or `kept` makes a copy that lasts.
 */
import { Memory } from '../memory.js'
import { Decoder, type SideValues } from './decoder.js'
import { Encoder } from './encoder.js'
import { inlineKind } from './kinds.js'
import { refusal } from './refusal.js'

/** A payload that lasts, and can be posted: bytes, and a clone of what bytes cannot carry. */
export interface Snapshot {
  readonly bytes: Uint8Array
  readonly side: readonly unknown[] | undefined
}

/** Arguments as they were when the call was made: primitives as they are (nobody can change one), else a payload. */
export type Arguments = readonly unknown[] | Encoder | Snapshot

const decoder = new Decoder()
const taking = new Encoder()
/** Primitives are encoded when they are placed, and then another call may just have been taken. */
const placing = new Encoder()
/** In a snapshot, which holds its side values itself. */
const OWN_SIDE = 1

/**
 * The arguments of a call, good until this thread takes others.
 * @throws PayloadError `ERR_PARALLEL_PAYLOAD` naming the path of what cannot be carried
 */
export function takeArguments(args: readonly unknown[], task: string): Arguments {
  return isFlat(args) ? args : take(args, 'args', task)
}

/** The same arguments, good for ever. */
export function kept(args: Arguments): Arguments {
  return args instanceof Encoder ? snapshotOf(args) : args
}

/** The values that were taken, for a call that never leaves its thread. */
export function argumentsOf(args: Arguments): readonly unknown[] {
  return isList(args) ? args : (restored(args instanceof Encoder ? snapshotOf(args) : args) as unknown[])
}

/** Bytes and side values of arguments. */
export function payloadOf(args: Arguments): Encoder | Snapshot {
  if (!isList(args)) return args
  placing.encode(args)
  return placing
}

/** A value, good until this thread takes another. @throws PayloadError */
export function take(value: unknown, root: string, task: string): Encoder {
  const encoder = taking.isBusy ? new Encoder() : taking // a getter of a value may call a task
  try {
    encoder.encode(value)
    return encoder
  } catch (error) {
    throw refusal(error, value, root, task)
  }
}

/**
 * @param root what the value is called in an error: `args` or `the result`
 * @throws PayloadError `ERR_PARALLEL_PAYLOAD` naming the path of what cannot be carried
 */
export function snapshot(value: unknown, root: string, task: string): Snapshot {
  return snapshotOf(take(value, root, task))
}

function snapshotOf(encoder: Encoder): Snapshot {
  const bytes = Buffer.allocUnsafeSlow(encoder.byteLength)
  encoder.copyTo(bytes, 0, encoder.side === undefined ? 0 : OWN_SIDE)
  return { bytes, side: encoder.side }
}

/** The value of a snapshot: a copy of its own. */
export function restored({ bytes, side }: Snapshot): unknown {
  return decoder.decode(Memory.of(bytes), 0, bytes.byteLength, () => side)
}

/** The value in shared memory. @throws PayloadError `ERR_PARALLEL_PAYLOAD` for bytes that nobody has encoded */
export function readPayload(memory: Memory, start: number, length: number, sideValues: SideValues): unknown {
  return decoder.decode(memory, start, length, sideValues)
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
