import type { BlobStat, BlobStore } from '@parley/blob-store'
import type { Scheduler } from '@parley/service-kit'
import type { BlobPins } from './blob-pins.ts'
import type { FileRows } from './file-rows.ts'
import type { UploadLimits } from './limits.ts'
import type { FileShelf } from './shared/file-shelf.ts'
import type { Uploads } from './uploads.ts'

const maxUploadsPerRun = 100
const maxFilesPerRun = 100
const maxBlobsPerRun = 500
const maxRecordsPerRun = 200

/** What collection works on. */
export interface CollectionParts {
  readonly scheduler: Scheduler
  readonly limits: UploadLimits
  readonly uploads: Uploads
  readonly files: FileRows
  readonly shelf: FileShelf
  readonly blobs: BlobStore
  readonly pins: BlobPins
}

/** What one run took away. */
export interface Collected {
  readonly uploads: number
  readonly files: number
  readonly blobs: number
}

/** Takes away what nobody needs any more, a bounded number at each run. */
export class Collection {
  readonly #on: CollectionParts
  #stored: AsyncIterator<BlobStat> | undefined
  /** Not kept over a restart: what became old meanwhile may be held by what waits. */
  #allHeardMs: number | undefined

  constructor(parts: CollectionParts) {
    this.#on = parts
  }

  /** When all holds had been heard last, undefined before the first time. */
  get allHeardMs(): number | undefined {
    return this.#allHeardMs
  }

  /** Whoever holds files has told all that there was to tell: until now nobody else holds any. */
  allHeard(): void {
    this.#allHeardMs = this.#on.scheduler.now()
  }

  /**
   * One run: uploads past their time, then, once all holds have been heard, files that nobody had
   * held for long enough by then, and blobs that belong to no file (a crash may leave one).
   */
  async run(): Promise<Collected> {
    const uploads = await this.#on.uploads.removeExpired(maxUploadsPerRun)
    await this.#on.shelf.settleListed(maxRecordsPerRun)
    if (this.#allHeardMs === undefined) return { uploads, files: 0, blobs: 0 }
    const unheld = await this.#collectFiles(this.#allHeardMs)
    const strayBlobs = await this.#collectStrayBlobs()
    return { uploads, files: unheld.files, blobs: unheld.blobs + strayBlobs }
  }

  async #collectFiles(allHeardMs: number): Promise<{ files: number; blobs: number }> {
    const { files, limits } = this.#on
    const sinceMs = allHeardMs - limits.unheldLifeMs
    const ids = files.unheldSince(sinceMs, maxFilesPerRun)
    const taken = { files: 0, blobs: 0 }
    for (const id of ids) {
      const digests = files.deleteUnheld(id, sinceMs)
      if (!digests) continue
      taken.files += 1
      // Before its blobs go: a neighbour that finds no record asks for none.
      await this.#on.shelf.settle(id)
      for (const digest of digests) taken.blobs += await this.#deleteBlob(digest)
    }
    return taken
  }

  // Walks on where the last run stopped, so that every blob is looked at in the end.
  async #collectStrayBlobs(): Promise<number> {
    let removed = 0
    this.#stored ??= this.#on.blobs.list()[Symbol.asyncIterator]()
    for (let seen = 0; seen < maxBlobsPerRun; seen += 1) {
      const next = await this.#stored.next()
      if (next.done) {
        this.#stored = undefined
        break
      }
      removed += await this.#deleteBlob(next.value.digest)
    }
    return removed
  }

  async #deleteBlob(digest: string): Promise<number> {
    const { pins, files } = this.#on
    return (await pins.deleteUnless(digest, (needed) => files.isNeeded(needed))) ? 1 : 0
  }
}
