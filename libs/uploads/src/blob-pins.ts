import type { BlobStore } from '@parley/blob-store'
import type { BlobIntake } from './upload.ts'

/**
 * Keeps collection and finishing apart: a blob that an uncommitted file has put is pinned, a blob
 * being deleted is waited for before it is put again.
 */
export class BlobPins {
  readonly #blobs: BlobStore
  readonly #pins = new Map<string, number>()
  readonly #deleting = new Map<string, Promise<unknown>>()

  constructor(blobs: BlobStore) {
    this.#blobs = blobs
  }

  /** Runs `work`, whose blobs stay pinned until it has settled. */
  async withIntake<T>(work: (intake: BlobIntake) => Promise<T>): Promise<T> {
    const pinned: string[] = []
    const intake: BlobIntake = {
      put: async (path, digest) => {
        await this.#pin(digest)
        pinned.push(digest)
        await this.#blobs.put(path, digest)
      },
    }
    try {
      return await work(intake)
    } finally {
      for (const digest of pinned) this.#unpin(digest)
    }
  }

  /** Runs `work` while a blob cannot be deleted; its deletion, once begun, is waited for. */
  async whilePinned<T>(digest: string, work: () => Promise<T>): Promise<T> {
    await this.#pin(digest)
    try {
      return await work()
    } finally {
      this.#unpin(digest)
    }
  }

  /** Deletes a blob unless it is pinned or `isNeeded` says so at the last moment. */
  async deleteUnless(digest: string, isNeeded: (digest: string) => boolean): Promise<boolean> {
    if (this.#pins.has(digest) || this.#deleting.has(digest) || isNeeded(digest)) return false
    const deletion = this.#blobs.delete(digest)
    this.#deleting.set(digest, deletion)
    try {
      return await deletion
    } finally {
      this.#deleting.delete(digest)
    }
  }

  async #pin(digest: string): Promise<void> {
    for (let busy = this.#deleting.get(digest); busy; busy = this.#deleting.get(digest)) {
      await busy.catch(() => undefined)
    }
    this.#pins.set(digest, (this.#pins.get(digest) ?? 0) + 1)
  }

  #unpin(digest: string): void {
    const left = (this.#pins.get(digest) ?? 1) - 1
    if (left > 0) this.#pins.set(digest, left)
    else this.#pins.delete(digest)
  }
}
