/**
 * Which bytes of an arena are taken: plain tables in the heap of the one thread that owns the arena, no shared memory.
 *
 * The arena is cut into chunks. A chunk serves blocks of one size (four sizes per doubling, multiples of 64 bytes) or is
 * part of a run of chunks that holds one large block. A chunk whose last block is freed serves any size again, so
 * nothing stays fragmented but by blocks that live. Bytes never handed out are never named: their pages stay untouched.
 * Small blocks: constant time. Large ones: first fit, one step per chunk, of which there are 2,047 at most.
 * After mimalloc (Leijen, Zorn, de Moura, 2019), with its free lists moved out of the blocks: what others write into
 * the arena cannot break them. A buddy allocator wastes more and pays for its merging on the full arena.
 */
import { EMPTY } from './layout.js'

/** Blocks begin at multiples of this, and so share no cache line. */
export const GRANULE_BYTES = 64
const GRANULE_SHIFT = 6
/** Fresh bytes are handed out in steps of a page: before each, the owner looks for blocks that came home. */
const PAGE_BYTES = 4096

const MIN_CHUNK_SHIFT = 10
const MAX_CHUNK_SHIFT = 16
/** At least 64 chunks, of 64 KiB from 4 MiB on; larger ones from 128 MiB on, so that there are never 2,048 of them. */
const CHUNKS_SHIFT = 6
const MAX_CHUNKS_SHIFT = 10

// What a chunk is used for; a size class is its number, from 1.
const UNUSED = 0
const RUN = 255
const NONE = -1

/** Log2 of the chunk size of an arena. */
export function chunkShiftOf(bytes: number): number {
  const log = 31 - Math.clz32(bytes)
  const shift = Math.min(MAX_CHUNK_SHIFT, Math.max(MIN_CHUNK_SHIFT, log - CHUNKS_SHIFT))
  return Math.max(shift, log - MAX_CHUNKS_SHIFT)
}

/** Block sizes in granules: 1 … 8, then four per doubling, up to half a chunk. */
function sizesUpTo(granules: number): number[] {
  const sizes = [0]
  for (let size = 1, step = 1; size <= granules; size += step) {
    sizes.push(size)
    if (size === step * 8) step *= 2
  }
  return sizes
}

export class Blocks {
  readonly #chunks: number
  readonly #chunkShift: number
  readonly #smallBytes: number
  /** Class by size in granules, and bytes by class. */
  readonly #classOf: Uint8Array
  readonly #sizes: Int32Array
  /** First chunk with room by class, or NONE. The others with room hang on it by `#next` and `#previous`. */
  readonly #first: Int32Array

  // One entry per chunk.
  readonly #use: Uint8Array
  readonly #live: Int32Array // blocks in use
  readonly #freed: Int32Array // blocks on the chunk's stack
  readonly #fresh: Int32Array // bytes from here on were never handed out
  readonly #shown: Int32Array // fresh bytes from here on wait for the next page
  readonly #linked: Uint8Array
  readonly #next: Int32Array
  readonly #previous: Int32Array
  readonly #run: Int32Array // chunks of the run that begins here

  // One entry per granule.
  readonly #stacks: Uint16Array // a stack per chunk: its freed blocks, as granules within the chunk
  readonly #starts: Uint8Array // 1: a block in use begins here

  #unused: number
  /** No chunk before this one is unused. */
  #lowest = 0

  /** `bytes` is a multiple of the chunk size. */
  constructor(bytes: number) {
    const chunkShift = chunkShiftOf(bytes)
    const chunks = bytes >>> chunkShift
    const granules = bytes >>> GRANULE_SHIFT
    const sizes = sizesUpTo(1 << (chunkShift - GRANULE_SHIFT - 1))
    this.#chunks = chunks
    this.#chunkShift = chunkShift
    this.#smallBytes = 1 << (chunkShift - 1)
    this.#sizes = Int32Array.from(sizes, (size) => size * GRANULE_BYTES)
    this.#classOf = new Uint8Array((sizes.at(-1) as number) + 1)
    this.#classOf.fill(1)
    for (let c = 1; c < sizes.length; c++) this.#classOf.fill(c, (sizes[c - 1] as number) + 1, (sizes[c] as number) + 1)
    this.#first = new Int32Array(sizes.length).fill(NONE)
    this.#use = new Uint8Array(chunks)
    this.#live = new Int32Array(chunks)
    this.#freed = new Int32Array(chunks)
    this.#fresh = new Int32Array(chunks)
    this.#shown = new Int32Array(chunks)
    this.#linked = new Uint8Array(chunks)
    this.#next = new Int32Array(chunks)
    this.#previous = new Int32Array(chunks)
    this.#run = new Int32Array(chunks)
    this.#stacks = new Uint16Array(granules)
    this.#starts = new Uint8Array(granules)
    this.#unused = chunks
  }

  /** A block from what is at hand, without opening fresh memory, or EMPTY: look for blocks that came home, then `take`. */
  tryReuse(byteLength: number): number {
    if (byteLength > this.#smallBytes) return EMPTY
    const chunk = this.#first[this.#classOf[(byteLength + GRANULE_BYTES - 1) >>> GRANULE_SHIFT] as number] as number
    return chunk === NONE ? EMPTY : this.#takeFrom(chunk)
  }

  /** A block, or EMPTY: no free block is large enough. */
  take(byteLength: number): number {
    if (byteLength > this.#smallBytes) return this.#takeRun(Math.ceil(byteLength / (1 << this.#chunkShift)))
    const size = this.#classOf[(byteLength + GRANULE_BYTES - 1) >>> GRANULE_SHIFT] as number
    const offset = this.#takeOf(size)
    if (offset !== EMPTY) return offset
    const chunk = this.#takeChunks(1)
    if (chunk !== NONE) {
      this.#open(chunk, size)
      return this.#takeFrom(chunk)
    }
    for (let larger = size + 1; larger < this.#sizes.length; larger++) {
      const found = this.#takeOf(larger)
      if (found !== EMPTY) return found
    }
    return EMPTY
  }

  isTaken(offset: number): boolean {
    const granule = offset >>> GRANULE_SHIFT
    return granule << GRANULE_SHIFT === offset && this.#starts[granule] === 1
  }

  /** The block that begins at `offset`; `isTaken` must hold. */
  free(offset: number): void {
    const granule = offset >>> GRANULE_SHIFT
    this.#starts[granule] = 0
    const chunk = offset >>> this.#chunkShift
    const use = this.#use[chunk] as number
    if (use === RUN) {
      this.#giveChunks(chunk, this.#run[chunk] as number)
      return
    }
    const bottom = chunk << (this.#chunkShift - GRANULE_SHIFT)
    const freed = this.#freed[chunk] as number
    this.#stacks[bottom + freed] = granule - bottom
    this.#freed[chunk] = freed + 1
    const live = (this.#live[chunk] as number) - 1
    this.#live[chunk] = live
    if (this.#linked[chunk] === 0) this.#link(chunk, use)
    // The first of its class keeps its chunk when it is empty: one block freed and taken in turn must stay cheap.
    else if (live === 0 && this.#first[use] !== chunk) this.#close(chunk, use)
  }

  /** A block from this chunk: one that was freed, else a fresh one from the page that is open, else EMPTY. */
  #takeFrom(chunk: number): number {
    let granule: number
    const freed = this.#freed[chunk] as number
    if (freed > 0) {
      const bottom = chunk << (this.#chunkShift - GRANULE_SHIFT)
      granule = bottom + (this.#stacks[bottom + freed - 1] as number)
      this.#freed[chunk] = freed - 1
    } else {
      const fresh = this.#fresh[chunk] as number
      if (fresh >= (this.#shown[chunk] as number)) return EMPTY
      granule = ((chunk << this.#chunkShift) + fresh) >>> GRANULE_SHIFT
      this.#fresh[chunk] = fresh + (this.#sizes[this.#use[chunk] as number] as number)
    }
    this.#live[chunk] = (this.#live[chunk] as number) + 1
    this.#starts[granule] = 1
    return granule << GRANULE_SHIFT
  }

  /** A block from the chunks of a class, or EMPTY; those without room leave the list on the way. */
  #takeOf(size: number): number {
    for (;;) {
      const chunk = this.#first[size] as number
      if (chunk === NONE) return EMPTY
      const offset = this.#takeFrom(chunk)
      if (offset !== EMPTY) return offset
      if (!this.#showPage(chunk, size)) this.#unlink(chunk, size)
    }
  }

  #showPage(chunk: number, size: number): boolean {
    const bytes = this.#sizes[size] as number
    const fresh = this.#fresh[chunk] as number
    const left = Math.floor(((1 << this.#chunkShift) - fresh) / bytes)
    const blocks = Math.min(left, Math.max(1, Math.floor(PAGE_BYTES / bytes)))
    this.#shown[chunk] = fresh + blocks * bytes
    return blocks > 0
  }

  #open(chunk: number, size: number): void {
    this.#use[chunk] = size
    this.#live[chunk] = 0
    this.#freed[chunk] = 0
    this.#fresh[chunk] = 0
    this.#showPage(chunk, size)
    this.#link(chunk, size)
  }

  #close(chunk: number, size: number): void {
    this.#unlink(chunk, size)
    this.#giveChunks(chunk, 1)
  }

  /** Behind the first, which is emptied before the next one is begun. */
  #link(chunk: number, size: number): void {
    const first = this.#first[size] as number
    const next = first === NONE ? NONE : (this.#next[first] as number)
    this.#linked[chunk] = 1
    this.#previous[chunk] = first
    this.#next[chunk] = next
    if (first === NONE) this.#first[size] = chunk
    else this.#next[first] = chunk
    if (next !== NONE) this.#previous[next] = chunk
  }

  #unlink(chunk: number, size: number): void {
    const next = this.#next[chunk] as number
    const previous = this.#previous[chunk] as number
    this.#linked[chunk] = 0
    if (previous === NONE) this.#first[size] = next
    else this.#next[previous] = next
    if (next !== NONE) this.#previous[next] = previous
  }

  #takeRun(length: number): number {
    const chunk = this.#takeChunks(length)
    if (chunk === NONE) return EMPTY
    this.#use[chunk] = RUN
    this.#run[chunk] = length
    const offset = chunk << this.#chunkShift
    this.#starts[offset >>> GRANULE_SHIFT] = 1
    return offset
  }

  /** The first of `length` chunks in a row, or NONE; empty chunks that a class holds back are given up for it. */
  #takeChunks(length: number): number {
    const chunk = this.#findChunks(length)
    return chunk === NONE && this.#closeEmpty() ? this.#findChunks(length) : chunk
  }

  #findChunks(length: number): number {
    if (this.#unused < length) return NONE
    while (this.#lowest < this.#chunks && this.#use[this.#lowest] !== UNUSED) this.#lowest++
    let start = this.#lowest
    for (let chunk = start; chunk < this.#chunks; chunk++) {
      if (this.#use[chunk] !== UNUSED) {
        start = chunk + 1
        continue
      }
      if (chunk + 1 - start < length) continue
      this.#use.fill(RUN, start, chunk + 1)
      this.#unused -= length
      if (start === this.#lowest) this.#lowest = chunk + 1
      return start
    }
    return NONE
  }

  #giveChunks(chunk: number, length: number): void {
    this.#use.fill(UNUSED, chunk, chunk + length)
    this.#unused += length
    if (chunk < this.#lowest) this.#lowest = chunk
  }

  #closeEmpty(): boolean {
    let closed = false
    for (let size = 1; size < this.#sizes.length; size++) {
      const chunk = this.#first[size] as number
      if (chunk === NONE || (this.#live[chunk] as number) > 0) continue
      this.#close(chunk, size)
      closed = true
    }
    return closed
  }
}
