/**
 * What a payload takes along without copying it, and the list of it that follows the payload:
 *
 *   how many shared buffers (u32) | number of the payload (u32) | the number of each buffer (u32)
 *
 * The number of the payload names its moved values; of a result it names the buffers, too, that its writer holds until
 * it has been read. 0: nobody has to hear of it.
 */
import { PayloadError } from '../../errors.js'
import type { Memory } from '../memory.js'
import { aligned } from './byte-writer.js'

export interface Cargo {
  /** Shared buffers, and views of such as grow. */
  readonly shared: readonly object[]
  /** As they have arrived in this thread's heap. */
  readonly moved: readonly object[] | undefined
}

const HEAD_BYTES = 8

/** Bytes of a payload of `length` bytes with its manifest. */
export function bytesWith({ shared }: Cargo, length: number): number {
  return aligned(length) + HEAD_BYTES + 4 * shared.length
}

/** A manifest in memory. `offset` and `length` are the payload's. */
export class Manifest {
  readonly #view: DataView
  readonly #at: number

  constructor({ view }: Memory, offset: number, length: number) {
    this.#view = view
    this.#at = offset + aligned(length)
  }

  write(payload: number, numbers: readonly number[]): void {
    const view = this.#view
    view.setUint32(this.#at, numbers.length, true)
    view.setUint32(this.#at + 4, payload, true)
    for (const [i, number] of numbers.entries()) view.setUint32(this.#at + HEAD_BYTES + 4 * i, number, true)
  }

  /** @throws PayloadError for what nobody has written */
  read(): { readonly payload: number; readonly numbers: number[] } {
    const view = this.#view
    const at = this.#at
    if (at < 0 || at + HEAD_BYTES > view.byteLength)
      throw new PayloadError('the manifest of a payload is outside of its buffer')
    const count = view.getUint32(at, true)
    if (count * 4 > view.byteLength - at - HEAD_BYTES)
      throw new PayloadError(`a manifest of ${count} buffers has no room for them`)
    const numbers = Array.from({ length: count }, (_, i) => view.getUint32(at + HEAD_BYTES + 4 * i, true))
    return { payload: view.getUint32(at + 4, true), numbers }
  }
}
