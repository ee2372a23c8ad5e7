type Remove = (digest: string) => Promise<void>

/**
 * Keeps what is being read until it has been read: a blob deleted meanwhile is gone for everybody
 * else at once, and in the bucket when its last reader has closed it.
 */
export class LateDeletes {
  readonly #remove: Remove
  readonly #readers = new Map<string, number>()
  readonly #deleted = new Set<string>()
  readonly #removing = new Map<string, Promise<void>>()

  constructor(remove: Remove) {
    this.#remove = remove
  }

  /** Whether it was deleted and is only there for those who are reading it. */
  isDeleted(digest: string): boolean {
    return this.#deleted.has(digest)
  }

  /** Counts a reader until what this returns is called. */
  reading(digest: string): () => Promise<void> {
    this.#readers.set(digest, (this.#readers.get(digest) ?? 0) + 1)
    let isOver = false
    return async () => {
      if (isOver) return
      isOver = true
      const left = (this.#readers.get(digest) ?? 1) - 1
      if (left > 0) return void this.#readers.set(digest, left)
      this.#readers.delete(digest)
      // Should it fail, the blob is a stray that collection finds.
      if (this.#deleted.has(digest)) await this.#removeNow(digest).catch(() => undefined)
    }
  }

  /** Deletes now, or when the last reader has closed it. */
  async delete(digest: string): Promise<void> {
    if (this.#readers.has(digest)) this.#deleted.add(digest)
    else await this.#removeNow(digest)
  }

  /** To be called before the bytes are stored again: a delete that is under way is waited for. */
  async revoke(digest: string): Promise<void> {
    for (let busy = this.#removing.get(digest); busy; busy = this.#removing.get(digest)) {
      await busy.catch(() => undefined)
    }
    this.#deleted.delete(digest)
  }

  async #removeNow(digest: string): Promise<void> {
    const busy = this.#removing.get(digest)
    if (busy) return busy
    const removing = this.#remove(digest)
    this.#removing.set(digest, removing)
    try {
      await removing
    } finally {
      this.#removing.delete(digest)
      this.#deleted.delete(digest)
    }
  }
}
