/** A piece of memory, with the views that reading needs: made once per arena, not once per payload. */
export class Memory {
  readonly bytes: Buffer
  readonly view: DataView
  /** Whole words. */
  readonly words: Int32Array

  /** `byteOffset` is a multiple of 4. */
  constructor(buffer: ArrayBufferLike, byteOffset: number, byteLength: number) {
    this.bytes = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
    this.view = new DataView(buffer, byteOffset, byteLength)
    this.words = new Int32Array(buffer, byteOffset, byteLength >> 2)
  }

  static of(bytes: Uint8Array): Memory {
    return new Memory(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
}
