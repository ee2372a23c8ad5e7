/** What may be held of one stream before no more is written; one event can go beyond it. */
const maxUnsentBytes = 64 * 1024
/** The same in frames. */
const maxUnsentFrames = 64

/** Hears how a device takes what was written. */
export interface Reading {
  /** Something was taken. */
  advanced(): void
  /** There is room again. */
  drained(): void
}

/** Counts the frames of one stream that its device has not taken yet, in bytes. */
export class Unsent {
  readonly #reading: Reading
  readonly #lengths: number[] = []
  #bytes = 0
  #isFull = false

  constructor(reading: Reading) {
    this.#reading = reading
  }

  /** A frame was written; false: no more until `drained`. */
  wrote(bytes: number): boolean {
    this.#lengths.push(bytes)
    this.#bytes += bytes
    this.#isFull = this.#bytes >= maxUnsentBytes || this.#lengths.length >= maxUnsentFrames
    return !this.#isFull
  }

  /** The oldest frame was taken. */
  taken(): void {
    this.#bytes -= this.#lengths.shift() ?? 0
    if (!this.#isFull) return
    this.#reading.advanced()
    if (this.#bytes * 2 > maxUnsentBytes || this.#lengths.length * 2 > maxUnsentFrames) return
    this.#isFull = false
    this.#reading.drained()
  }
}
