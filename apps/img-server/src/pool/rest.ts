/** A pause that doubles with each failure in a row, up to a bound. */
export class Rest {
  readonly #firstMs: number
  readonly #maxMs: number
  #failures = 0
  #untilMs = 0

  constructor(firstMs: number, maxMs: number) {
    this.#firstMs = firstMs
    this.#maxMs = maxMs
  }

  /** How long it still is, in milliseconds; 0 when there is none. */
  leftMs(nowMs: number): number {
    return Math.max(0, this.#untilMs - nowMs)
  }

  /** Begins the next pause. */
  begin(nowMs: number): void {
    this.#untilMs = nowMs + Math.min(this.#maxMs, this.#firstMs * 2 ** this.#failures)
    this.#failures += 1
  }

  /** Something worked again: the next pause is a short one. */
  end(): void {
    this.#failures = 0
    this.#untilMs = 0
  }
}
