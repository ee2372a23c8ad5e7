import { AppError } from '@parley/errors'

/** How much goes through a gate. */
export interface GateBounds {
  /** Works at a time. */
  readonly atOnce: number
  /** Works that wait for their turn; one more is told to come back. */
  readonly waiting: number
  /** Told to the one that finds no place, as a sentence. */
  readonly full: string
}

/** Lets so much work run at a time, so much wait, and refuses the rest as BUSY. */
export class Gate {
  readonly #bounds: GateBounds
  #running = 0
  readonly #waiting: (() => void)[] = []

  constructor(bounds: GateBounds) {
    this.#bounds = bounds
  }

  /** Runs the work in its turn; throws `AppError` exhausted BUSY when too much waits already. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running >= this.#bounds.atOnce) await this.#turn()
    else this.#running += 1
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running -= 1
      else next()
    }
  }

  #turn(): Promise<void> {
    const { waiting, full } = this.#bounds
    if (this.#waiting.length >= waiting) {
      throw new AppError('exhausted', 'BUSY', full, { retryAfterMs: 1_000 })
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
