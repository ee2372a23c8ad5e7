/** Between two notes so much time passes at least; so few are kept. */
const noteEveryMs = 1_000

/**
 * Tells up to which message nothing can appear any more. Where several relays write, a transaction
 * may commit after others that have taken greater numbers; it has not lasted `settlesAfterMs`, though.
 */
export class SettledMessages {
  readonly #settlesAfterMs: number
  #notes: { readonly atMs: number; readonly newest: number }[] = []
  #settled = 0

  /** With 0 one writer is alone, and what is seen is settled. */
  constructor(settlesAfterMs: number) {
    this.#settlesAfterMs = settlesAfterMs
  }

  /** The newest message that was seen, at that time of a clock that never steps back. */
  note(newest: number, atMs: number): void {
    const last = this.#notes.at(-1)
    if (last !== undefined && atMs - last.atMs < noteEveryMs) return
    this.#notes.push({ atMs, newest })
  }

  /** The last message before which all are settled; undefined when all that is seen is. */
  upTo(nowMs: number): number | undefined {
    if (this.#settlesAfterMs === 0) return undefined
    const old = this.#notes.filter(({ atMs }) => nowMs - atMs >= this.#settlesAfterMs)
    this.#notes = this.#notes.slice(old.length)
    this.#settled = old.at(-1)?.newest ?? this.#settled
    return this.#settled
  }
}
