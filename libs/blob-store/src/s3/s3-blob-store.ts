import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { AppError } from '@parley/errors'
import type { Scheduler } from '@parley/service-kit'
import type { BlobStat, BlobStore, OpenBlob } from '../blob-store.ts'
import { assertDigest } from '../digest.ts'
import type { Bucket, StatedObject } from './bucket.ts'
import { LateDeletes } from './late-deletes.ts'
import { readPatiently } from './read-patiently.ts'
import { isRefusedAtOnce } from './s3-errors.ts'
import { UnansweredDeletes } from './unanswered-deletes.ts'

const readChunkBytes = 256 * 1024
const retryAfterMs = 5_000
/** After the digest, in the name of an object that is stored while a delete of the first has no answer. */
const secondSuffix = '.2'

/**
 * The blobs of one server as objects `blobs/<server id>/<digest>`, or `<digest>.2` while a delete of the
 * first may still be carried out. Other servers read them, this one alone writes and deletes.
 */
export class S3BlobStore implements BlobStore {
  readonly #bucket: Bucket
  readonly #prefix: string
  readonly #scheduler: Scheduler
  readonly #deletes: LateDeletes
  readonly #unanswered: UnansweredDeletes

  /** `unanswered` is for the one who writes and deletes. */
  constructor(
    bucket: Bucket,
    serverId: string,
    scheduler: Scheduler,
    unanswered = new UnansweredDeletes({ scheduler }),
  ) {
    this.#bucket = bucket
    this.#prefix = `blobs/${serverId}/`
    this.#scheduler = scheduler
    this.#unanswered = unanswered
    this.#deletes = new LateDeletes((digest) => this.#remove(digest))
  }

  async put(file: string, digest: string): Promise<void> {
    const names = namesOf(digest)
    await this.#deletes.revoke(digest)
    const key = this.#prefix + this.#safeNameOf(names)
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
      const found = await this.#find(digest)
      if (!found) await release()
      return found && this.#openBlob(found, release)
    } catch (error) {
      await release()
      throw error
    }
  }

  async stat(digest: string): Promise<BlobStat | undefined> {
    const found = await this.#find(digest)
    return found && { digest, sizeBytes: found.sizeBytes }
  }

  async delete(digest: string): Promise<boolean> {
    const names = namesOf(digest)
    if (this.#deletes.isDeleted(digest)) return false
    const wasThere = (await this.#first(names)) !== undefined
    if (wasThere) await this.#deletes.delete(digest)
    return wasThere
  }

  async *list(): AsyncIterable<BlobStat> {
    let last = ''
    for await (const { key, sizeBytes } of this.#bucket.list(this.#prefix)) {
      const digest = /^([0-9a-f]{64})(\.2)?$/.exec(key.slice(this.#prefix.length))?.[1]
      if (digest === undefined || digest === last || this.#deletes.isDeleted(digest)) continue
      last = digest
      yield { digest, sizeBytes }
    }
  }

  /** Ends what a killed process had begun to write; answers how many uploads that were. */
  removeLitter(): Promise<number> {
    return this.#bucket.endUploads(this.#prefix)
  }

  /** Passes over what may be deleted at any moment, as if it were. */
  async #find(digest: string): Promise<StatedObject | undefined> {
    const names = namesOf(digest).filter((name) => !this.#unanswered.has(name))
    if (this.#deletes.isDeleted(digest)) return undefined
    const found = await this.#first(names)
    if (found === undefined || found.digest === digest) return found
    const message = 'an object in the bucket is not what its key says'
    throw new AppError('corrupt', 'BLOB_DAMAGED', message)
  }

  async #first(names: readonly string[]): Promise<StatedObject | undefined> {
    for (const name of names) {
      const found = await this.#bucket.stat(this.#prefix + name)
      if (found) return found
    }
    return undefined
  }

  #safeNameOf(names: readonly string[]): string {
    const name = names.find((one) => !this.#unanswered.has(one))
    if (name !== undefined) return name
    const message = 'the bucket has answered no delete of these bytes'
    throw new AppError('unavailable', 'BUCKET_UNAVAILABLE', message, { retryAfterMs })
  }

  async #remove(digest: string): Promise<void> {
    const [first, second] = namesOf(digest)
    await this.#removeObject(first)
    // Hardly ever there, and a delete of nothing would have to be answered, too.
    if (await this.#first([second])) await this.#removeObject(second)
  }

  async #removeObject(name: string): Promise<void> {
    const isOnly = await this.#unanswered.begin(name)
    try {
      const isClear = await this.#bucket.delete(this.#prefix + name)
      if (isOnly && isClear) await this.#unanswered.answered(name)
    } catch (error) {
      if (isOnly && isRefusedAtOnce(error)) await this.#unanswered.answered(name)
      throw error
    }
  }

  #openBlob({ key, sizeBytes }: StatedObject, release: () => Promise<void>): OpenBlob {
    const running = new Set<Readable>()
    return {
      sizeBytes,
      stream: (start, end) => {
        const stream = this.#stream(key, start, end)
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

  #stream(key: string, start: number, end: number): Readable {
    const ask = (from: number) => this.#bucket.read(key, from, end)
    const chunks = readPatiently({ start, end, ask, scheduler: this.#scheduler })
    return Readable.from(chunks, { objectMode: false, highWaterMark: readChunkBytes })
  }

  // Its size and the digest beside it: as much as a server can tell without its bytes.
  async #isWhole(key: string, digest: string, sizeBytes: number): Promise<boolean> {
    const found = await this.#bucket.stat(key)
    return found?.sizeBytes === sizeBytes && found.digest === digest
  }
}

function namesOf(digest: string): readonly [string, string] {
  assertDigest(digest)
  return [digest, digest + secondSuffix]
}
