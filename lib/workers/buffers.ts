/**
 * What this thread knows of the buffers that slots name by number: arenas, buffers of single payloads, messages.
 *
 * A number reaches a thread by announcement *before* the slot that uses it is published, so a reader that meets an
 * unknown one finds it among the announcements that it has not read yet.
 */
import { PayloadError } from '../errors.js'
import { Arena, type ArenaReader, type Region } from '../ring-buffer/index.js'
import type { Origin } from './definition.js'

export interface AnnouncedTask {
  readonly id: number
  readonly name: string
  readonly origin: Origin
}

export type Announcement =
  | { readonly tasks: readonly AnnouncedTask[] }
  | { readonly arena: number; readonly region: Region }
  | { readonly buffer: number; readonly shared: SharedArrayBuffer }
  | { readonly message: number; readonly value: unknown }
  | { readonly release: number }

interface KnownArena {
  readonly region: Region
  readonly reader: ArenaReader
}

const MOST_RELEASED = 4_096

export class Buffers {
  readonly #arenas = new Map<number, KnownArena>()
  readonly #own = new Map<number, SharedArrayBuffer>()
  readonly #messages = new Map<number, unknown>()
  /** Numbers that were released lately: an announcement that comes late must not bring them back. */
  readonly #released = new Set<number>()
  readonly #readAnnouncements: () => void

  /** `readAnnouncements` handles, synchronously, every announcement that has arrived. */
  constructor(readAnnouncements: () => void) {
    this.#readAnnouncements = readAnnouncements
  }

  /** Reads the announcements that have arrived. */
  refresh(): void {
    this.#readAnnouncements()
  }

  /** True when the payload in buffer or message `id` can be read; looks at the announcements when it is unknown. */
  has(id: number): boolean {
    if (this.#isKnown(id)) return true
    this.#readAnnouncements()
    return this.#isKnown(id)
  }

  #isKnown(id: number): boolean {
    return this.#arenas.has(id) || this.#own.has(id) || this.#messages.has(id)
  }

  addArena(id: number, region: Region): void {
    this.#arenas.set(id, { region, reader: Arena.readerOf(region) })
  }

  addBuffer(id: number, buffer: SharedArrayBuffer): void {
    if (!this.#released.has(id)) this.#own.set(id, buffer)
  }

  addMessage(id: number, value: unknown): void {
    if (!this.#released.has(id)) this.#messages.set(id, value)
  }

  /** A release may come before, or between two copies of, its announcement: they travel on several channels. */
  remove(id: number): void {
    this.#released.add(id)
    if (this.#released.size > MOST_RELEASED) {
      for (const oldest of this.#released) {
        this.#released.delete(oldest)
        break
      }
    }
    this.#own.delete(id)
    this.#messages.delete(id)
    this.#arenas.delete(id)
  }

  /** All that this thread knows, as announcements: for a thread that starts. */
  *known(): Iterable<Announcement> {
    for (const [id, arena] of this.#arenas) yield { arena: id, region: arena.region }
    for (const [id, shared] of this.#own) yield { buffer: id, shared }
    for (const [id, value] of this.#messages) yield { message: id, value }
  }

  isArena(id: number): boolean {
    return this.#arenas.has(id)
  }

  bytes(id: number, offset: number, length: number): Buffer {
    for (let look = 0; ; look++) {
      const arena = this.#arenas.get(id)
      if (arena !== undefined) {
        const view = arena.reader.bytes(offset, length)
        return Buffer.from(view.buffer, view.byteOffset, view.byteLength)
      }
      const own = this.#own.get(id)
      if (own !== undefined) return Buffer.from(own, offset, length)
      if (look > 0) throw unknown(id)
      this.#readAnnouncements()
    }
  }

  message(id: number): unknown {
    if (!this.#messages.has(id)) this.#readAnnouncements()
    if (!this.#messages.has(id)) throw unknown(id)
    return this.#messages.get(id)
  }

  /** Gives a block back to the arena of another participant, or of one that is gone: then there is nothing to give. */
  releaseBlock(id: number, offset: number): void {
    this.#arenas.get(id)?.reader.release(offset)
  }
}

function unknown(id: number): PayloadError {
  return new PayloadError(`the payload lies in buffer ${id}, which was never announced to this thread`)
}
