/** Without any sign of the relay for so long a stream is given up. */
const silenceMs = 4_000

/** When a stream was heard last, while it is read. */
export class Reading {
  #heardMs = performance.now()
  #pausedUntilMs = 0

  heard(): void {
    this.#heardMs = performance.now()
  }

  pause(forMs: number): void {
    this.#pausedUntilMs = performance.now() + forMs
  }

  get isPaused(): boolean {
    return performance.now() < this.#pausedUntilMs
  }

  /** The relay says nothing although it is asked. */
  get isSilent(): boolean {
    const sinceMs = Math.max(this.#heardMs, this.#pausedUntilMs)
    return performance.now() - sinceMs > silenceMs
  }
}
