const lengthBytes = 2

/** The most bytes that follow a length. */
export const maxFrameBytes = 65_535

/** The length that goes before a frame, as section 13 of the Noise specification proposes. */
export function frameHead(frameBytes: number): Buffer {
  const head = Buffer.allocUnsafe(lengthBytes)
  head.writeUInt16BE(frameBytes)
  return head
}

/** A frame with its length before it. */
export function framed(frame: Uint8Array): Buffer {
  return Buffer.concat([frameHead(frame.length), frame])
}

/** Cuts a stream of bytes into frames; keeps no more than one chunk and one frame. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)

  /** More bytes of the stream, which nobody else changes from now on. */
  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
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
