const lengthBytes = 2

/** The most bytes that follow a length. */
export const maxFrameBytes = 65_535

/** Puts a frame's length before it, as section 13 of the Noise specification proposes. */
export function framed(...parts: readonly Uint8Array[]): Buffer {
  const head = Buffer.allocUnsafe(lengthBytes)
  head.writeUInt16BE(parts.reduce((sum, part) => sum + part.length, 0))
  return Buffer.concat([head, ...parts])
}

/** Cuts a stream of bytes into frames; keeps no more than one chunk and one frame. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)

  /** More bytes of the stream. */
  push(chunk: Uint8Array): void {
    this.#rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk])
  }

  /** How many bytes the next frame has, as soon as that is known. */
  get nextBytes(): number | undefined {
    return this.#rest.length < lengthBytes ? undefined : this.#rest.readUInt16BE()
  }

  /** The next whole frame, or undefined until it is all there. */
  next(): Buffer | undefined {
    const bytes = this.nextBytes
    if (bytes === undefined || this.#rest.length < lengthBytes + bytes) return undefined
    const frame = this.#rest.subarray(lengthBytes, lengthBytes + bytes)
    this.#rest = this.#rest.subarray(lengthBytes + bytes)
    return frame
  }

  /** What came after the last whole frame; it is forgotten here. */
  takeRest(): Buffer {
    const rest = this.#rest
    this.#rest = Buffer.alloc(0)
    return rest
  }
}
