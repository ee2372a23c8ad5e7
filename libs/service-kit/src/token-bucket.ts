/** A rate limit: `burst` at once, `perSecond` for ever. Time is a parameter. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #atMs: number

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
    this.#atMs = nowMs
  }

  /** Takes `count` tokens and returns 0, or none and returns the milliseconds until there are so many. */
  take(nowMs: number, count = 1): number {
    this.#refill(nowMs)
    if (this.#tokens >= count) {
      this.#tokens -= count
      return 0
    }
    return Math.ceil(((count - this.#tokens) * 1000) / this.#perSecond)
  }

  #refill(nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.#atMs)
    this.#tokens = Math.min(this.#burst, this.#tokens + (passedMs * this.#perSecond) / 1000)
    this.#atMs = nowMs
  }
}
