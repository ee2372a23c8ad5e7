import { toAppError } from '@parley/errors'
import type { AppError } from '@parley/errors'
import type { Scheduler, Timer } from '@parley/service-kit'
import type { Tokens } from '../calls/tokens.ts'

/** What keeping a stream's token fresh needs. */
export interface RenewalOptions {
  readonly scheduler: Scheduler
  readonly tokens: Tokens
  readonly renew: (accessToken: string) => void
  /** The login is over: no token will come any more. */
  readonly over: (error: AppError) => void
}

const leadMs = 60_000
const jitterMs = 30_000
const minWaitMs = 1_000
const retryMs = 5_000

/** Gives an open stream a new token before the old one ends. */
export class Renewal {
  readonly #options: RenewalOptions
  #timer: Timer | undefined
  // Distinguishes this stream's exchange from one that a later stream began.
  #round = 0

  constructor(options: RenewalOptions) {
    this.#options = options
  }

  /** `leftMs` is how long `token` is still valid, by the server's clock. */
  start(token: string, leftMs: number): void {
    this.stop()
    const { scheduler } = this.#options
    const waitMs = Math.max(minWaitMs, leftMs - leadMs - scheduler.random() * jitterMs)
    this.#wait(token, waitMs)
  }

  stop(): void {
    this.#round += 1
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #wait(token: string, waitMs: number): void {
    this.#timer = this.#options.scheduler.setTimer(waitMs, () => void this.#exchange(token))
  }

  async #exchange(stale: string): Promise<void> {
    const round = this.#round
    const { tokens, scheduler, renew, over } = this.#options
    try {
      const token = await tokens.renewed(stale)
      if (round !== this.#round) return
      renew(token)
      this.start(token, tokens.login().accessExpiresAtMs - scheduler.now())
    } catch (error) {
      if (round !== this.#round) return
      const failure = toAppError(error)
      if (failure.kind === 'unauthenticated') over(failure)
      else this.#wait(stale, retryMs)
    }
  }
}
