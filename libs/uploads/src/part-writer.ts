import { alignedBufferBytes, giveAlignedBuffer, takeAlignedBuffer } from './aligned-buffers.ts'
import { blockBytes } from './part-file.ts'
import type { PartFile } from './part-file.ts'

const maxWritesInFlight = 2
const checkpointBytes = 4 << 20
const maxBehindBytes = 8 << 20

/** What a writer needs of a file. */
export type WritableFile = Pick<PartFile, 'datasync' | 'write'>

/**
 * Appends to an open file: collects chunks into large writes, has a few in flight, and every 4 MiB
 * brings what is written to disk while it goes on. Never more than 8 MiB are taken in and not yet
 * durable.
 */
export class PartWriter {
  readonly #file: WritableFile
  readonly #onDurable: (offsetBytes: number) => void
  #buffer: Uint8Array | undefined
  #filledBytes = 0
  /** Where the buffer goes. */
  #offsetBytes: number
  /** Up to where a checkpoint has been begun, and up to where one has ended. */
  #checkpointedBytes: number
  #durableBytes: number
  readonly #writes = new Set<Promise<void>>()
  #checkpoint: Promise<void> = Promise.resolve()
  #failure: Error | undefined

  /** `onDurable` hears how far the file is on disk; what it throws fails the writer. */
  constructor(file: WritableFile, offsetBytes: number, onDurable: (offsetBytes: number) => void) {
    this.#file = file
    this.#offsetBytes = offsetBytes
    this.#checkpointedBytes = offsetBytes
    this.#durableBytes = offsetBytes
    this.#onDurable = onDurable
  }

  /** Where the next chunk goes, counting all that were taken in. */
  get offsetBytes(): number {
    return this.#offsetBytes + this.#filledBytes
  }

  /** Takes the next chunk, which may be changed afterwards; resolves when there is room for more. */
  async write(chunk: Uint8Array): Promise<void> {
    let rest = chunk
    for (;;) {
      this.#buffer ??= takeAlignedBuffer()
      const count = Math.min(rest.byteLength, this.#pieceBytes() - this.#filledBytes)
      this.#buffer.set(rest.subarray(0, count), this.#filledBytes)
      this.#filledBytes += count
      if (this.#filledBytes < this.#pieceBytes()) return
      await this.#hand(this.#buffer)
      if (count === rest.byteLength) return
      rest = rest.subarray(count)
    }
  }

  /** Brings everything taken in to the disk and says how far that is. */
  async flush(): Promise<number> {
    if (this.#buffer && this.#filledBytes > 0) this.#startWrite(this.#buffer)
    await this.#checkpoint
    this.#throwFailure()
    if (this.#checkpointedBytes < this.#offsetBytes) {
      this.#startCheckpoint()
      await this.#checkpoint
    }
    this.#throwFailure()
    return this.#offsetBytes
  }

  /** Waits until nothing of this writer touches the file any more. */
  async settle(): Promise<void> {
    await Promise.all(this.#writes)
    await this.#checkpoint
    if (this.#buffer) giveAlignedBuffer(this.#buffer)
    this.#buffer = undefined
  }

  // After an odd offset, a first small piece reaches the next block.
  #pieceBytes(): number {
    const intoBlock = this.#offsetBytes % blockBytes
    return intoBlock === 0 ? alignedBufferBytes : blockBytes - intoBlock
  }

  async #hand(buffer: Uint8Array): Promise<void> {
    this.#startWrite(buffer)
    while (this.#writes.size >= maxWritesInFlight) await Promise.race(this.#writes)
    if (this.#offsetBytes - this.#checkpointedBytes >= checkpointBytes) {
      await this.#checkpoint
      this.#startCheckpoint()
    }
    const nextBytes = this.#offsetBytes + alignedBufferBytes
    if (nextBytes - this.#durableBytes > maxBehindBytes) await this.#checkpoint
    this.#throwFailure()
  }

  #startWrite(buffer: Uint8Array): void {
    const write = this.#file
      .write(buffer.subarray(0, this.#filledBytes), this.#offsetBytes)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#writes.delete(write)
        giveAlignedBuffer(buffer)
      })
    this.#writes.add(write)
    this.#offsetBytes += this.#filledBytes
    this.#filledBytes = 0
    this.#buffer = undefined
  }

  #startCheckpoint(): void {
    const untilBytes = this.#offsetBytes
    this.#checkpointedBytes = untilBytes
    this.#checkpoint = this.#makeDurable(untilBytes).catch((error: unknown) => this.#fail(error))
  }

  async #makeDurable(untilBytes: number): Promise<void> {
    await Promise.all(this.#writes)
    this.#throwFailure()
    await this.#file.datasync()
    this.#onDurable(untilBytes)
    this.#durableBytes = untilBytes
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error))
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure
  }
}
