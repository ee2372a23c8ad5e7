import type { FileHandle } from 'node:fs/promises'

const writeBytes = 1 << 20
const maxChunksPerWrite = 256
const maxWritesInFlight = 4
const checkpointBytes = 2 << 20

/**
 * Appends to an open file: collects chunks into large writes, has a few in flight, and every 2 MiB
 * brings what is written to disk while it goes on. At most one checkpoint runs at a time, so little
 * more than 4 MiB are ever taken in and not yet durable.
 */
export class PartWriter {
  readonly #file: FileHandle
  readonly #onDurable: (offsetBytes: number) => void
  #chunks: Uint8Array[] = []
  #chunkBytes = 0
  #offsetBytes: number
  #checkpointAtBytes: number
  readonly #writes = new Set<Promise<void>>()
  #checkpoint: Promise<void> = Promise.resolve()
  #failure: Error | undefined

  /** `onDurable` hears how far the file is on disk; what it throws fails the writer. */
  constructor(file: FileHandle, offsetBytes: number, onDurable: (offsetBytes: number) => void) {
    this.#file = file
    this.#offsetBytes = offsetBytes
    this.#checkpointAtBytes = offsetBytes + checkpointBytes
    this.#onDurable = onDurable
  }

  /** Where the next chunk goes, counting all that were taken in. */
  get offsetBytes(): number {
    return this.#offsetBytes + this.#chunkBytes
  }

  /** Takes the next chunk, which must not be changed afterwards; resolves when there is room for more. */
  async write(chunk: Uint8Array): Promise<void> {
    this.#chunks.push(chunk)
    this.#chunkBytes += chunk.byteLength
    if (this.#chunkBytes < writeBytes && this.#chunks.length < maxChunksPerWrite) return
    this.#startWrite()
    while (this.#writes.size >= maxWritesInFlight) await Promise.race(this.#writes)
    if (this.#offsetBytes >= this.#checkpointAtBytes) {
      await this.#checkpoint
      this.#startCheckpoint()
    }
    this.#throwFailure()
  }

  /** Brings everything taken in to the disk and says how far that is. */
  async flush(): Promise<number> {
    if (this.#chunkBytes > 0) this.#startWrite()
    await this.#checkpoint
    this.#startCheckpoint()
    await this.#checkpoint
    this.#throwFailure()
    return this.#offsetBytes
  }

  /** Waits until nothing of this writer touches the file any more. */
  async settle(): Promise<void> {
    await Promise.all(this.#writes)
    await this.#checkpoint
  }

  #startWrite(): void {
    const write = writeAll(this.#file, this.#chunks, this.#offsetBytes)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#writes.delete(write))
    this.#writes.add(write)
    this.#offsetBytes += this.#chunkBytes
    this.#chunks = []
    this.#chunkBytes = 0
  }

  #startCheckpoint(): void {
    const untilBytes = this.#offsetBytes
    this.#checkpointAtBytes = untilBytes + checkpointBytes
    this.#checkpoint = this.#makeDurable(untilBytes).catch((error: unknown) => this.#fail(error))
  }

  async #makeDurable(untilBytes: number): Promise<void> {
    await Promise.all(this.#writes)
    this.#throwFailure()
    await this.#file.datasync()
    this.#onDurable(untilBytes)
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error))
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure
  }
}

async function writeAll(
  file: FileHandle,
  chunks: Uint8Array[],
  offsetBytes: number,
): Promise<void> {
  let rest = chunks
  let position = offsetBytes
  while (rest.length > 0) {
    // A nearly full disk writes a part and only then fails.
    const { bytesWritten } = await file.writev(rest, position)
    if (bytesWritten === 0) throw new Error('the disk takes no more bytes')
    position += bytesWritten
    rest = dropBytes(rest, bytesWritten)
  }
}

function dropBytes(chunks: Uint8Array[], count: number): Uint8Array[] {
  let left = count
  for (const [index, chunk] of chunks.entries()) {
    if (left < chunk.byteLength) return [chunk.subarray(left), ...chunks.slice(index + 1)]
    left -= chunk.byteLength
  }
  return []
}
