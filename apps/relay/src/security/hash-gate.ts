import { AppError } from '@parley/errors'

/** The most password hashes at a time: each takes 19 MiB and a core for a while. */
export const maxHashing = 2
/** The most that wait for their turn; one more is told to come back. */
export const maxWaiting = 32

/** Lets so much work run at a time, so much wait, and refuses the rest as BUSY. */
export class HashGate {
  #running = 0
  readonly #waiting: (() => void)[] = []

  /** Runs the work in its turn; throws `AppError` exhausted BUSY when too much waits already. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#running >= maxHashing) await this.#turn()
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
    if (this.#waiting.length >= maxWaiting) {
      const message = 'too many logins at this moment, try again'
      throw new AppError('exhausted', 'BUSY', message, { retryAfterMs: 1_000 })
    }
    return new Promise((resolve) => this.#waiting.push(resolve))
  }
}
