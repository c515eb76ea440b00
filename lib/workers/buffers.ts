/**
 * What this thread knows of the buffers that slots name by number: arenas, buffers of single payloads, messages.
 *
 * A number reaches a thread by announcement *before* the slot that uses it is published, so a reader that meets an
 * unknown one finds it among the announcements that it has not read yet.
 */
import { PayloadError } from '../errors.js'
import { Arena, type ArenaReader, type Region } from '../ring-buffer/index.js'
import type { Origin } from './definition.js'
import { Memory } from './memory.js'

export interface AnnouncedTask {
  readonly id: number
  readonly name: string
  readonly origin: Origin
}

export type Announcement =
  | { readonly tasks: readonly AnnouncedTask[] }
  | { readonly arena: number; readonly region: Region }
  /** `owner`: the arena of who writes it. */
  | { readonly buffer: number; readonly shared: SharedArrayBuffer; readonly owner: number }
  | { readonly message: number; readonly value: unknown }
  /** A shared buffer of the user's. */
  | { readonly reference: number; readonly value: object; readonly owner: number }
  /** To one thread: values that were moved, for the payload that names them. */
  | { readonly moved: number; readonly values: readonly object[] }
  | { readonly release: number }
  /** To the owner of a buffer: what was in it has been read. It comes once. */
  | { readonly free: number }

interface KnownArena {
  readonly region: Region
  readonly reader: ArenaReader
  readonly memory: Memory
}

interface KnownBuffer {
  readonly shared: SharedArrayBuffer
  readonly owner: number
  readonly memory: Memory
}

const MOST_RELEASED = 4_096

export class Buffers {
  readonly #arenas = new Map<number, KnownArena>()
  readonly #own = new Map<number, KnownBuffer>()
  readonly #messages = new Map<number, unknown>()
  readonly #references = new Map<number, { readonly value: object; readonly owner: number }>()
  readonly #moved = new Map<number, readonly object[]>()
  /** Numbers that were released lately: an announcement that comes late must not bring them back. */
  readonly #released = new Set<number>()
  readonly #readAnnouncements: () => void
  /** Somebody has read what was in a buffer. */
  onFree: (id: number) => void = () => {}

  /** Moved values have come. */
  onMoved: () => void = () => {}

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
    return (
      this.#arenas.has(id) ||
      this.#own.has(id) ||
      this.#messages.has(id) ||
      this.#references.has(id) ||
      this.#moved.has(id)
    )
  }

  addArena(id: number, region: Region): void {
    const reader = Arena.readerOf(region)
    this.#arenas.set(id, { region, reader, memory: Memory.of(reader.view) })
  }

  addBuffer(id: number, shared: SharedArrayBuffer, owner: number): void {
    if (this.#released.has(id) || this.#own.has(id)) return
    this.#own.set(id, { shared, owner, memory: new Memory(shared, 0, shared.byteLength) })
  }

  addMessage(id: number, value: unknown): void {
    if (!this.#released.has(id)) this.#messages.set(id, value)
  }

  addReference(id: number, value: object, owner: number): void {
    if (!this.#released.has(id)) this.#references.set(id, { value, owner })
  }

  addMoved(id: number, values: readonly object[]): void {
    this.#moved.set(id, values)
    this.onMoved()
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
    this.#references.delete(id)
    // With the arena of a dead participant goes what else it has left.
    if (!this.#arenas.delete(id)) return
    for (const table of [this.#own, this.#references])
      for (const [own, { owner }] of table) if (owner === id) this.remove(own)
  }

  /** All that this thread knows, as announcements: for a thread that starts. */
  *known(): Iterable<Announcement> {
    for (const [id, arena] of this.#arenas) yield { arena: id, region: arena.region }
    for (const [id, { shared, owner }] of this.#own) yield { buffer: id, shared, owner }
    for (const [id, { value, owner }] of this.#references) yield { reference: id, value, owner }
    for (const [id, value] of this.#messages) yield { message: id, value }
  }

  isArena(id: number): boolean {
    return this.#arenas.has(id)
  }

  /** @throws PayloadError when nobody has announced it */
  memory(id: number): Memory {
    const known = this.#arenas.get(id) ?? this.#own.get(id)
    if (known !== undefined) return known.memory
    this.#readAnnouncements()
    const announced = this.#arenas.get(id) ?? this.#own.get(id)
    if (announced === undefined) throw unknown(id)
    return announced.memory
  }

  message(id: number): unknown {
    if (!this.#messages.has(id)) this.#readAnnouncements()
    if (!this.#messages.has(id)) throw unknown(id)
    return this.#messages.get(id)
  }

  /** A shared buffer that another thread has announced. @throws PayloadError when nobody has */
  reference(id: number): object {
    if (!this.#references.has(id)) this.#readAnnouncements()
    const known = this.#references.get(id)
    if (known === undefined) throw unknown(id)
    return known.value
  }

  /** Values that were moved to this thread: once, for they are the payload's alone. @throws PayloadError when they are not here */
  takeMoved(id: number): readonly object[] {
    if (!this.#moved.has(id)) this.#readAnnouncements()
    const values = this.#moved.get(id)
    if (values === undefined) throw unknown(id)
    this.#moved.delete(id)
    return values
  }

  /** Gives a block back to the arena of another participant, or of one that is gone: then there is nothing to give. */
  releaseBlock(id: number, offset: number): void {
    this.#arenas.get(id)?.reader.release(offset)
  }
}

function unknown(id: number): PayloadError {
  return new PayloadError(`the payload lies in buffer ${id}, which was never announced to this thread`)
}
