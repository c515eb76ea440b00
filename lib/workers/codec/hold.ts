/**
 * What the payloads of one thread take along without copying it: kept here until the last who needs it has it.
 *
 * - of a call: until it has settled. So a buffer is not given up while a task may still read it, and moved values stay in
 *   the submitter's heap until the executor has asked for them.
 * - of a result, what its reader has not had from its own arguments: until the reader says that it has read it.
 */
import type { SharedBuffers } from '../shared-buffers.js'
import type { Cargo } from './manifest.js'

interface Held extends Cargo {
  isHandedOver: boolean
}

export class Hold {
  readonly #shared: SharedBuffers
  readonly #calls = new Map<number, Held>()
  /** Calls whose moved values are still here. */
  #waiting = 0
  /** By slot: what a task was given, and under which numbers. Its submitter keeps those until it has settled. */
  readonly #given = new Map<number, ReadonlyMap<unknown, number>>()
  readonly #unread = new Map<number, readonly object[]>()

  constructor(shared: SharedBuffers) {
    this.#shared = shared
  }

  /** Submitter: `slot` will hold a call with this cargo. Returns the numbers of its buffers. */
  keep(slot: number, cargo: Cargo): number[] {
    this.#calls.set(slot, { ...cargo, isHandedOver: false })
    if (cargo.moved !== undefined) this.#waiting++
    return cargo.shared.map((value) => this.#shared.numberOf(value))
  }

  /** Somebody may yet ask for moved values. */
  get mayBeAsked(): boolean {
    return this.#waiting > 0
  }

  /** What a call has, unless its moved values have gone. */
  cargoOf(slot: number): Cargo | undefined {
    return this.#calls.get(slot)
  }

  isHandedOver(slot: number): boolean {
    return this.#calls.get(slot)?.isHandedOver === true
  }

  /** The moved values of a call, once. */
  handOver(slot: number): readonly object[] | undefined {
    const held = this.#calls.get(slot)
    if (held === undefined || held.isHandedOver) return undefined
    this.#noteGone(held)
    return held.moved
  }

  /** The call has settled. */
  drop(slot: number): void {
    const held = this.#calls.get(slot)
    if (held === undefined) return
    this.#noteGone(held)
    this.#calls.delete(slot)
  }

  #noteGone(held: Held): void {
    if (held.moved !== undefined && !held.isHandedOver) this.#waiting--
    held.isHandedOver = true
  }

  /** Executor: what the arguments in `slot` refer to. */
  gave(slot: number, values: readonly unknown[], numbers: readonly number[]): void {
    if (numbers.length > 0) this.#given.set(slot, new Map(values.map((value, i) => [value, numbers[i] as number])))
  }

  /** Executor: numbers for the buffers of a result, and those of them that have to be kept until it is read. */
  numbersFor(slot: number, shared: readonly object[]): { readonly numbers: number[]; readonly kept: object[] } {
    const given = this.#given.get(slot)
    const kept = shared.filter((value) => given?.has(value) !== true)
    return { numbers: shared.map((value) => given?.get(value) ?? this.#shared.numberOf(value)), kept }
  }

  /** Executor: the task in `slot` has its result. */
  completed(slot: number): void {
    if (this.#given.size > 0) this.#given.delete(slot)
  }

  keepUnread(payload: number, shared: readonly object[]): void {
    this.#unread.set(payload, shared)
  }

  /** A result has been read. False: it is not of this thread. */
  wasRead(payload: number): boolean {
    return this.#unread.delete(payload)
  }
}
