/**
 * Blocks of shared memory for what does not fit into a slot: one owner allocates, any thread reads and gives back.
 *
 * Owner: `tryAllocate` and `free` in constant time for small blocks. Others: `release` is lock-free. What is taken and
 * what is free the owner keeps in its own heap (blocks.ts): a dead owner's region is abandoned whole, and reclaimed by
 * whoever made it, once nothing points into it.
 */
import { Blocks, chunkShiftOf, GRANULE_BYTES } from './blocks.js'
import { createRegion, EMPTY, KIND_ARENA, openRegion, type Region, WORDS_PER_LINE } from './layout.js'
import { NO_BLOCK, RemoteFreeStack } from './remote-free.js'

const HEAD = WORDS_PER_LINE
const DATA = HEAD + WORDS_PER_LINE // own line: other threads write HEAD
const DATA_BYTES = DATA * 4
const MAX_BYTES = 2 ** 30
/** Blocks that come home are taken in by as many at a time, so that no allocation pays for ten thousand of them. */
const DRAIN_BLOCKS = 64

/** Allocates. One thread, and only one, may hold it. */
export class ArenaOwner {
  /** All bytes of the arena; an offset is an index into it. */
  readonly view: Uint8Array
  readonly #blocks: Blocks
  readonly #returned: RemoteFreeStack
  /** Word offset of the next block that came home and was not taken in, or NO_BLOCK. */
  #chain = NO_BLOCK

  /** A region as `Arena.create` lays it out, unchecked. Embedders use `Arena.ownerOf`. */
  constructor(buffer: SharedArrayBuffer, byteOffset: number, byteLength: number) {
    this.view = new Uint8Array(buffer, byteOffset + DATA_BYTES, byteLength - DATA_BYTES)
    this.#blocks = new Blocks(byteLength - DATA_BYTES)
    this.#returned = new RemoteFreeStack(new Int32Array(buffer, byteOffset, byteLength / 4), HEAD)
  }

  /**
   * The offset of a block of at least `byteLength` bytes, a multiple of 64, or EMPTY when none is large enough. Its bytes
   * hold what was there before.
   * @throws RangeError when `byteLength` is not a number from 0.
   */
  tryAllocate(byteLength: number): number {
    if (!(byteLength >= 0)) throw new RangeError(`byteLength must be a number from 0, not ${byteLength}`)
    const offset = this.#blocks.tryReuse(byteLength)
    if (offset !== EMPTY) return offset
    while (this.#takeIn(DRAIN_BLOCKS)) {
      const reused = this.#blocks.tryReuse(byteLength)
      if (reused !== EMPTY) return reused
    }
    return this.#blocks.take(byteLength)
  }

  /** @throws RangeError when no block begins at `offset`, as after a second `free`. */
  free(offset: number): void {
    if (!this.#blocks.isTaken(offset)) throw new RangeError(`no block begins at offset ${offset}`)
    this.#blocks.free(offset)
  }

  /** @throws RangeError when the range is not within the arena. */
  bytes(offset: number, length: number): Uint8Array {
    return rangeOf(this.view, offset, length)
  }

  /**
   * Takes in at most `limit` blocks; false when none was there.
   * @throws RangeError for a link that names no block in use: one was released twice, or written to after its release.
   * The rest of the chain is given up, for nothing is known of it.
   */
  #takeIn(limit: number): boolean {
    if (this.#chain === NO_BLOCK) this.#chain = this.#returned.takeAll()
    let block = this.#chain
    if (block === NO_BLOCK) return false
    for (let left = limit; block !== NO_BLOCK && left > 0; left--) {
      const offset = (block - DATA) * 4
      if (!this.#blocks.isTaken(offset)) {
        this.#chain = NO_BLOCK
        throw new RangeError(`no block begins at offset ${offset}, which was released`)
      }
      block = this.#returned.next(block)
      this.#blocks.free(offset)
    }
    this.#chain = block
    return true
  }
}

/** Reads, and gives back what the owner allocated. Any number of threads may hold one. */
export class ArenaReader {
  /** All bytes of the arena; an offset is an index into it. */
  readonly view: Uint8Array
  readonly #returned: RemoteFreeStack

  /** A region as `Arena.create` lays it out, unchecked. Embedders use `Arena.readerOf`. */
  constructor(buffer: SharedArrayBuffer, byteOffset: number, byteLength: number) {
    this.view = new Uint8Array(buffer, byteOffset + DATA_BYTES, byteLength - DATA_BYTES)
    this.#returned = new RemoteFreeStack(new Int32Array(buffer, byteOffset, byteLength / 4), HEAD)
  }

  /** @throws RangeError when the range is not within the arena. */
  bytes(offset: number, length: number): Uint8Array {
    return rangeOf(this.view, offset, length)
  }

  /**
   * Gives a block back to the owner. One thread, once: its bytes may change from here on.
   * @throws RangeError when no block can begin at `offset`.
   */
  release(offset: number): void {
    if (!(offset >= 0 && offset < this.view.length && offset % GRANULE_BYTES === 0))
      throw new RangeError(`no block begins at offset ${offset}`)
    this.#returned.push(DATA + offset / 4)
  }
}

export interface ArenaOptions {
  /** Most bytes in use at a time, from 1 to 2^30; rounded up to whole chunks. A page that is never used takes no memory. */
  readonly bytes: number
}

/**
 * `ownerOf` and `readerOf` check magic, version, bounds and alignment.
 * @example
 * const offset = owner.tryAllocate(bytes.length)
 * if (offset !== EMPTY) owner.view.set(bytes, offset)
 * // in another thread that got offset and length
 * use(reader.bytes(offset, length))
 * reader.release(offset)
 */
export const Arena = {
  bytesFor(options: ArenaOptions): number {
    const { bytes } = options
    if (!Number.isInteger(bytes) || bytes < 1 || bytes > MAX_BYTES)
      throw new RangeError(`bytes must be an integer from 1 to 2^30, not ${bytes}`)
    const chunkBytes = 2 ** chunkShiftOf(bytes)
    return DATA_BYTES + Math.ceil(bytes / chunkBytes) * chunkBytes
  },
  /** @throws LayoutError `ERR_PARALLEL_LAYOUT` when `into` is too small or not aligned to 128 bytes. */
  create(options: ArenaOptions & { readonly into?: Region | undefined }): Region {
    return createRegion(KIND_ARENA, Arena.bytesFor(options), [], DATA, options.into)
  },
  ownerOf(region: Region): ArenaOwner {
    const words = openRegion(KIND_ARENA, region)
    return new ArenaOwner(region.buffer, region.byteOffset, words.byteLength)
  },
  readerOf(region: Region): ArenaReader {
    const words = openRegion(KIND_ARENA, region)
    return new ArenaReader(region.buffer, region.byteOffset, words.byteLength)
  },
  /** All bytes of the arena, without a role. */
  viewOf(region: Region): Uint8Array {
    return Arena.readerOf(region).view
  },
}

function rangeOf(view: Uint8Array, offset: number, length: number): Uint8Array {
  if (!(offset >= 0 && length >= 0 && offset + length <= view.length))
    throw new RangeError(`${length} bytes from ${offset} are not within the ${view.length} bytes of the arena`)
  return view.subarray(offset, offset + length)
}
