import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { AppError } from '@parley/errors'
import type { Scheduler } from '@parley/service-kit'
import type { BlobStat, BlobStore, OpenBlob } from '../blob-store.ts'
import { assertDigest } from '../digest.ts'
import type { Bucket } from './bucket.ts'
import { LateDeletes } from './late-deletes.ts'
import { readPatiently } from './read-patiently.ts'

const readChunkBytes = 256 * 1024

/**
 * The blobs of one server as objects `blobs/<server id>/<digest>`. Other servers read them, this one
 * alone writes and deletes.
 */
export class S3BlobStore implements BlobStore {
  readonly #bucket: Bucket
  readonly #prefix: string
  readonly #scheduler: Scheduler
  readonly #deletes: LateDeletes

  constructor(bucket: Bucket, serverId: string, scheduler: Scheduler) {
    this.#bucket = bucket
    this.#prefix = `blobs/${serverId}/`
    this.#scheduler = scheduler
    this.#deletes = new LateDeletes((digest) => bucket.delete(this.#keyOf(digest)))
  }

  async put(file: string, digest: string): Promise<void> {
    const key = this.#keyOf(digest)
    await this.#deletes.revoke(digest)
    const { size: sizeBytes } = await stat(file)
    if (await this.#isWhole(key, digest, sizeBytes)) return
    try {
      await this.#bucket.writeFile(key, file, digest)
    } catch (error) {
      // The answer to the last request may be all that was lost.
      const isThere = await this.#isWhole(key, digest, sizeBytes).catch(() => false)
      if (!isThere) throw error
    }
    if (await this.#isWhole(key, digest, sizeBytes)) return
    throw new AppError('unavailable', 'BUCKET_WRONG', 'the bucket did not keep what it was given')
  }

  async open(digest: string): Promise<OpenBlob | undefined> {
    const release = this.#deletes.reading(digest)
    try {
      const found = await this.stat(digest)
      if (!found) await release()
      return found && this.#openBlob(found, release)
    } catch (error) {
      await release()
      throw error
    }
  }

  async stat(digest: string): Promise<BlobStat | undefined> {
    const key = this.#keyOf(digest)
    if (this.#deletes.isDeleted(digest)) return undefined
    const found = await this.#bucket.stat(key)
    if (!found) return undefined
    if (found.digest === digest) return { digest, sizeBytes: found.sizeBytes }
    throw new AppError(
      'corrupt',
      'BLOB_DAMAGED',
      'an object in the bucket is not what its key says',
    )
  }

  async delete(digest: string): Promise<boolean> {
    const key = this.#keyOf(digest)
    if (this.#deletes.isDeleted(digest)) return false
    const wasThere = (await this.#bucket.stat(key)) !== undefined
    if (wasThere) await this.#deletes.delete(digest)
    return wasThere
  }

  async *list(): AsyncIterable<BlobStat> {
    for await (const { key, sizeBytes } of this.#bucket.list(this.#prefix)) {
      const digest = key.slice(this.#prefix.length)
      const isBlob = digest.length === 64 && !this.#deletes.isDeleted(digest)
      if (isBlob) yield { digest, sizeBytes }
    }
  }

  /** Ends what a killed process had begun to write; answers how many uploads that were. */
  removeLitter(): Promise<number> {
    return this.#bucket.endUploads(this.#prefix)
  }

  #openBlob({ digest, sizeBytes }: BlobStat, release: () => Promise<void>): OpenBlob {
    const running = new Set<Readable>()
    return {
      sizeBytes,
      stream: (start, end) => {
        const stream = this.#stream(digest, start, end)
        running.add(stream)
        stream.once('close', () => running.delete(stream))
        return stream
      },
      close: async () => {
        for (const stream of running) stream.destroy()
        await release()
      },
    }
  }

  #stream(digest: string, start: number, end: number): Readable {
    const key = this.#keyOf(digest)
    const ask = (from: number) => this.#bucket.read(key, from, end)
    const chunks = readPatiently({ start, end, ask, scheduler: this.#scheduler })
    return Readable.from(chunks, { objectMode: false, highWaterMark: readChunkBytes })
  }

  // Its size and the digest beside it: as much as a server can tell without its bytes.
  async #isWhole(key: string, digest: string, sizeBytes: number): Promise<boolean> {
    const found = await this.#bucket.stat(key)
    return found?.sizeBytes === sizeBytes && found.digest === digest
  }

  #keyOf(digest: string): string {
    assertDigest(digest)
    return this.#prefix + digest
  }
}
