/** What was made of what. */
export interface Made {
  /** BLAKE3 of the bytes, hex. */
  readonly digest: string
  readonly sizeBytes: number
}

/** How much is kept. */
export interface CacheLimits {
  readonly maxBytes: number
  readonly maxCount: number
}

/** Remembers what was made, the least recently used first to go. */
export class MadeCache {
  readonly #limits: CacheLimits
  // In order of use, oldest first.
  readonly #made = new Map<string, Made>()
  #bytes = 0

  constructor(limits: CacheLimits) {
    this.#limits = limits
  }

  /** Everything there is a memory of. */
  get keys(): readonly string[] {
    return [...this.#made.keys()]
  }

  /** What was made under this key; it counts as used. */
  use(key: string): Made | undefined {
    const made = this.#made.get(key)
    if (!made) return undefined
    this.#made.delete(key)
    this.#made.set(key, made)
    return made
  }

  /** Adds one; answers the digests that nothing here needs any more. */
  add(key: string, made: Made): readonly string[] {
    const gone = [...this.remove(key)]
    this.#made.set(key, made)
    this.#bytes += made.sizeBytes
    const { maxBytes, maxCount } = this.#limits
    for (const [oldest] of this.#made) {
      if (this.#bytes <= maxBytes && this.#made.size <= maxCount) break
      gone.push(...this.remove(oldest))
    }
    return gone.filter((digest) => !this.#needs(digest))
  }

  /** Forgets one; answers its digest unless another key has the same bytes. */
  remove(key: string): readonly string[] {
    const made = this.#made.get(key)
    if (!made) return []
    this.#made.delete(key)
    this.#bytes -= made.sizeBytes
    return this.#needs(made.digest) ? [] : [made.digest]
  }

  #needs(digest: string): boolean {
    return this.#made.values().some((made) => made.digest === digest)
  }
}
