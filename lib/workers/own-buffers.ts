/**
 * Buffers for single payloads that are too large for the arena, or find it full: made, used again and given up by the thread
 * that writes them. Used again, because one that is dropped is collected late, by every thread that has heard of it, and a
 * flood would grow by all that is not collected yet; and because fresh pages cost as much as the copy.
 *
 * A buffer keeps its number: others are told of it once. Who has read a payload says so (`free`), and it is a spare.
 */
import { Memory } from './memory.js'
import { inNoContext } from './platform-node.js'

/** What the writer needs of those that announce. */
export interface BufferAnnouncer {
  /** Makes a buffer known to the others; returns its number. */
  buffer(shared: SharedArrayBuffer): number
  release(id: number): void
}

export interface OwnBuffer {
  readonly id: number
  readonly memory: Memory
}

/** Spares of at least as much are kept, and of as much as was in use lately. */
const LEAST_KEPT_BYTES = 1 << 26
/** With each buffer that comes back, what was in use at most counts for this much less. */
const PEAK_DECAY = 1 / 256
/** A spare that is more than this many times too large stays for others. */
const MOST_TOO_LARGE = 4
/** Without use for so long, spares are given up. */
const IDLE_MS = 5_000

export class OwnBuffers {
  readonly #announcer: BufferAnnouncer
  readonly #used = new Map<number, OwnBuffer>()
  /** The one that came back last is the last. */
  readonly #spares: OwnBuffer[] = []
  #usedBytes = 0
  #spareBytes = 0
  #peakBytes = 0
  #timer: NodeJS.Timeout | undefined

  constructor(announcer: BufferAnnouncer) {
    this.#announcer = announcer
  }

  /** Bytes of all buffers, in use and spare. */
  get bytes(): number {
    return this.#usedBytes + this.#spareBytes
  }

  take(bytes: number): OwnBuffer {
    const buffer = this.#reuse(bytes) ?? this.#make(bytes)
    this.#used.set(buffer.id, buffer)
    this.#usedBytes += buffer.memory.bytes.length
    if (this.#usedBytes > this.#peakBytes) this.#peakBytes = this.#usedBytes
    return buffer
  }

  /** A payload has been read. False: the buffer is not of this thread. */
  giveBack(id: number): boolean {
    const buffer = this.#used.get(id)
    if (buffer === undefined) return false
    this.#used.delete(id)
    const { length } = buffer.memory.bytes
    this.#usedBytes -= length
    this.#spares.push(buffer)
    this.#spareBytes += length
    this.#peakBytes -= (this.#peakBytes - this.#usedBytes) * PEAK_DECAY
    this.#drop(Math.max(LEAST_KEPT_BYTES, this.#peakBytes - this.#usedBytes))
    this.#timer ??= inNoContext(() => setTimeout(() => this.#onIdle(), IDLE_MS)).unref()
    this.#timer.refresh()
    return true
  }

  /** The smallest that is large enough. */
  #reuse(bytes: number): OwnBuffer | undefined {
    let best = -1
    let bestLength = bytes * MOST_TOO_LARGE + 1
    for (let i = this.#spares.length - 1; i >= 0; i--) {
      const { length } = (this.#spares[i] as OwnBuffer).memory.bytes
      if (length < bytes || length >= bestLength) continue
      best = i
      bestLength = length
    }
    if (best < 0) return undefined
    const [buffer] = this.#spares.splice(best, 1)
    this.#spareBytes -= bestLength
    return buffer
  }

  /** A little larger than asked for, so that the next one of about that size can use it: pages not touched cost nothing. */
  #make(bytes: number): OwnBuffer {
    const step = 2 ** Math.max(16, Math.floor(Math.log2(bytes)) - 3)
    const shared = new SharedArrayBuffer(Math.ceil(bytes / step) * step)
    return { id: this.#announcer.buffer(shared), memory: new Memory(shared, 0, shared.byteLength) }
  }

  /** Gives up the oldest spares until those that are left hold so many bytes at most. */
  #drop(most: number): void {
    while (this.#spareBytes > most) {
      const oldest = this.#spares.shift() as OwnBuffer
      this.#spareBytes -= oldest.memory.bytes.length
      this.#announcer.release(oldest.id)
    }
  }

  #onIdle(): void {
    this.#timer = undefined
    this.#peakBytes = this.#usedBytes
    this.#drop(0)
  }
}
