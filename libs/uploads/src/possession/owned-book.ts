/** How much an `OwnedBook` keeps, and for how long. */
export interface BookBounds {
  readonly lifeMs: number
  /** Beyond it the owner's oldest is forgotten. */
  readonly maxPerOwner: number
  /** Beyond it the oldest of all is forgotten. */
  readonly maxInAll: number
}

interface Line<T> {
  readonly owner: string
  readonly value: T
  readonly endsMs: number
}

/** Things kept in memory for a while, each for its owner alone, under ids that nobody can guess. */
export class OwnedBook<T> {
  readonly #bounds: BookBounds
  // All live equally long, so the first to be written is the first to end.
  readonly #lines = new Map<string, Line<T>>()
  readonly #idsOf = new Map<string, Set<string>>()

  constructor(bounds: BookBounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#lines.size
  }

  /** Keeps a value under an id that is not in use; `nowMs` is monotonic. */
  put(id: string, owner: string, value: T, nowMs: number): void {
    this.#forgetEnded(nowMs)
    const ids = this.#idsOf.get(owner) ?? new Set()
    ids.add(id)
    this.#idsOf.set(owner, ids)
    this.#lines.set(id, { owner, value, endsMs: nowMs + this.#bounds.lifeMs })
    if (ids.size > this.#bounds.maxPerOwner) this.#forgetFirst(ids)
    if (this.#lines.size > this.#bounds.maxInAll) this.#forgetFirst(this.#lines.keys())
  }

  /** What is under the id, undefined for anybody but its owner, and when its time is over. */
  get(id: string, owner: string, nowMs: number): T | undefined {
    const line = this.#lines.get(id)
    if (!line || line.owner !== owner || line.endsMs <= nowMs) return undefined
    return line.value
  }

  /** As `get`; nobody gets it again. */
  take(id: string, owner: string, nowMs: number): T | undefined {
    const value = this.get(id, owner, nowMs)
    if (value !== undefined) this.#forget(id)
    return value
  }

  #forgetEnded(nowMs: number): void {
    for (const [id, { endsMs }] of this.#lines) {
      if (endsMs > nowMs) return
      this.#forget(id)
    }
  }

  #forgetFirst(ids: Iterable<string>): void {
    for (const id of ids) return this.#forget(id)
  }

  #forget(id: string): void {
    const owner = this.#lines.get(id)?.owner ?? ''
    const ids = this.#idsOf.get(owner)
    this.#lines.delete(id)
    ids?.delete(id)
    if (ids?.size === 0) this.#idsOf.delete(owner)
  }
}
