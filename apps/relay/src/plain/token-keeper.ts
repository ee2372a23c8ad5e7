import type { chat } from '@parley/proto'
import { uuidv7 } from '@parley/service-kit'
import type { Scheduler, Timer } from '@parley/service-kit'

/** A token is renewed so long before it expires, and tried again so much later when that fails. */
const renewBeforeMs = 60_000
const againMs = 10_000

/** How tokens are renewed, and who is told. */
export interface TokenKeeping {
  refresh(refreshToken: string, requestId: Uint8Array): Promise<chat.Credentials>
  renewed(accessToken: string): void
}

/** Keeps the token of a session fresh for a client that knows of none. */
export class TokenKeeper {
  readonly #scheduler: Scheduler
  readonly #keeping: TokenKeeping
  #accessToken: string
  #refreshToken: string
  /** One for each token: by another one, a token that was used already is a stolen one. */
  #requestId: Uint8Array
  #timer: Timer
  #isClosed = false

  constructor(scheduler: Scheduler, credentials: chat.Credentials, keeping: TokenKeeping) {
    this.#scheduler = scheduler
    this.#keeping = keeping
    this.#accessToken = credentials.accessToken
    this.#refreshToken = credentials.refreshToken
    this.#requestId = uuidv7(scheduler)
    this.#timer = this.#after(credentials.accessExpiresAtMs - scheduler.now() - renewBeforeMs)
  }

  /** The newest one. */
  get accessToken(): string {
    return this.#accessToken
  }

  close(): void {
    this.#isClosed = true
    this.#timer.cancel()
  }

  #after(ms: number): Timer {
    return this.#scheduler.setTimer(Math.max(0, ms), () => void this.#renew())
  }

  async #renew(): Promise<void> {
    // A login that is over stays so: the engine ends the stream when its token has expired.
    const asked = this.#keeping.refresh(this.#refreshToken, this.#requestId)
    const fresh = await asked.catch(() => undefined)
    if (this.#isClosed) return
    if (fresh === undefined) {
      this.#timer = this.#after(againMs)
      return
    }
    this.#accessToken = fresh.accessToken
    this.#refreshToken = fresh.refreshToken
    this.#requestId = uuidv7(this.#scheduler)
    this.#keeping.renewed(fresh.accessToken)
    this.#timer = this.#after(fresh.accessExpiresAtMs - this.#scheduler.now() - renewBeforeMs)
  }
}
