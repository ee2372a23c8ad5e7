/** Ids seen lately; beyond the bound the oldest is forgotten. */
export class RecentIds {
  readonly #most: number
  readonly #ids = new Set<string>()

  constructor(most = 1_000) {
    this.#most = most
  }

  /** Remembers an id; false when it is known. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false
    this.#ids.add(id)
    for (const oldest of this.#ids) {
      if (this.#ids.size <= this.#most) break
      this.#ids.delete(oldest)
    }
    return true
  }
}
