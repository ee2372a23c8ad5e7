import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { BlobStat, BlobStore, OpenBlob } from './blob-store.ts'
import { assertDigest } from './digest.ts'

/** The in-memory twin of `DiskBlobStore`, for tests. */
export class MemoryBlobStore implements BlobStore {
  readonly #blobs = new Map<string, Buffer>()

  async put(path: string, digest: string): Promise<void> {
    assertDigest(digest)
    const bytes = await readFile(path)
    this.#blobs.set(digest, bytes)
  }

  async open(digest: string): Promise<OpenBlob | undefined> {
    assertDigest(digest)
    const bytes = this.#blobs.get(digest)
    return bytes && openBytes(bytes)
  }

  async stat(digest: string): Promise<BlobStat | undefined> {
    assertDigest(digest)
    const bytes = this.#blobs.get(digest)
    return bytes && { digest, sizeBytes: bytes.length }
  }

  async delete(digest: string): Promise<boolean> {
    assertDigest(digest)
    return this.#blobs.delete(digest)
  }

  async *list(): AsyncIterable<BlobStat> {
    for (const digest of [...this.#blobs.keys()].toSorted()) {
      const found = await this.stat(digest)
      if (found) yield found
    }
  }
}

function openBytes(bytes: Buffer): OpenBlob {
  return {
    sizeBytes: bytes.length,
    stream: (start, end) => {
      const part = bytes.subarray(start, end)
      return Readable.from(part.length > 0 ? [part] : [])
    },
    close: async () => undefined,
  }
}
