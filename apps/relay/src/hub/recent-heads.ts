/** Heads remembered in each of the two generations. */
const headsPerGeneration = 50_000

/**
 * The newest entry of each conversation that was written lately. A session that is just being
 * loaded asks it for what was written between its question to the database and its entrance.
 */
export class RecentHeads {
  #young = new Map<number, number>()
  #old = new Map<number, number>()

  /** Remembers a head, unless a newer one is known; the oldest generation goes when the young one is full. */
  set(conversation: number, seq: number): void {
    if (seq <= this.get(conversation)) return
    this.#young.set(conversation, seq)
    if (this.#young.size < headsPerGeneration) return
    this.#old = this.#young
    this.#young = new Map()
  }

  /** The head, or 0 when nothing was written lately. */
  get(conversation: number): number {
    return this.#young.get(conversation) ?? this.#old.get(conversation) ?? 0
  }
}
