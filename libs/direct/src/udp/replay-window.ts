/** So far may a datagram be behind the newest. */
export const windowSize = 1_024

/** Tells datagrams that were seen from new ones, in whatever order they come (RFC 4303, section 3.4.3). */
export class ReplayWindow {
  #newest = -1
  readonly #seen = new Set<number>()

  /** False for what was seen, or is too old to tell. */
  mayBe(number: number): boolean {
    return number > this.#newest - windowSize && !this.#seen.has(number)
  }

  /** Notes a datagram that has proven to be genuine. */
  note(number: number): void {
    this.#seen.add(number)
    if (number <= this.#newest) return
    this.#newest = number
    if (this.#seen.size <= 2 * windowSize) return
    for (const each of this.#seen) if (each <= number - windowSize) this.#seen.delete(each)
  }
}
