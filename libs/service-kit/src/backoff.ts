import type { Scheduler } from './scheduler.ts'

/** How far apart repeated attempts are. */
export interface BackoffOptions {
  /** Upper bound of the first delay. */
  readonly baseMs: number
  /** Upper bound of every delay. */
  readonly capMs: number
}

/**
 * Delays between attempts: full jitter under a doubling ceiling, so that clients that lost the
 * same server do not come back together.
 */
export class Backoff {
  #attempts = 0
  readonly #scheduler: Scheduler
  readonly #options: BackoffOptions

  constructor(scheduler: Scheduler, options: BackoffOptions) {
    this.#scheduler = scheduler
    this.#options = options
  }

  /** Attempts that failed since the last `reset`. */
  get attempts(): number {
    return this.#attempts
  }

  /** How long to wait before the next attempt, in milliseconds: at least 1, at most `capMs`. */
  next(): number {
    const { baseMs, capMs } = this.#options
    // 2^30 is beyond any cap, and keeps the product finite for ever.
    const ceilingMs = Math.min(capMs, baseMs * 2 ** Math.min(this.#attempts, 30))
    this.#attempts += 1
    return Math.max(1, Math.round(this.#scheduler.random() * ceilingMs))
  }

  /** Call after a success: the next failure starts small again. */
  reset(): void {
    this.#attempts = 0
  }
}
