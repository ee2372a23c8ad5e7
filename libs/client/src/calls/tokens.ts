import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import { delay } from '@parley/service-kit'
import type { Scheduler } from '@parley/service-kit'
import { idBytes, idText, newId } from '../ids.ts'
import type { Login, LocalState, StateLock } from '../state/local-state.ts'
import { jwtClaims } from './jwt-claims.ts'

/** What the exchange of a refresh token needs. */
export interface TokensOptions {
  readonly state: LocalState
  readonly scheduler: Scheduler
  readonly refresh: (request: Partial<chat.RefreshRequest>) => Promise<chat.RefreshResponse>
}

const marginMs = 30_000
const lockPollMs = 50
const lockLimitMs = 15_000

/** The tokens of one login, shared with every other process that has the same local state. */
export class Tokens {
  readonly #options: TokensOptions
  readonly #userId: string
  #exchange: Promise<string> | undefined

  constructor(options: TokensOptions) {
    this.#options = options
    this.#userId = currentLogin(options.state).userId
  }

  /** The login as it is now; throws `AppError` (unauthenticated, LOGGED_OUT) when it is over. */
  login(): Login {
    const login = this.#options.state.login()
    if (login?.userId === this.#userId) return login
    throw new AppError('unauthenticated', 'LOGGED_OUT', 'this login has ended; log in again')
  }

  /** A token that is valid for 30 s at least. */
  async access(): Promise<string> {
    const login = this.login()
    return this.#isFresh(login) ? login.accessToken : this.renewed(login.accessToken)
  }

  /** Another token than `stale`; throws what the server says when the login has ended. */
  renewed(stale: string): Promise<string> {
    this.#exchange ??= this.#locked(stale).finally(() => {
      this.#exchange = undefined
    })
    return this.#exchange
  }

  async #locked(stale: string): Promise<string> {
    const lock = await this.#lock()
    try {
      const login = this.login()
      // Another process was here first.
      if (login.accessToken !== stale && this.#isFresh(login)) return login.accessToken
      return await this.#refresh(login)
    } finally {
      lock.release()
    }
  }

  async #refresh(login: Login): Promise<string> {
    const { state, scheduler, refresh } = this.#options
    const id = login.refreshRequestId ?? idText(newId(scheduler))
    // Stored first: should the answer be lost, the repeat must carry the same id or it is a theft.
    state.saveLogin({ ...login, refreshRequestId: id })
    const { refreshToken } = login
    const { credentials } = await refresh({ requestId: idBytes(id), refreshToken })
    const renewed = loginOf(credentials, scheduler)
    state.saveLogin(renewed)
    return renewed.accessToken
  }

  async #lock(): Promise<StateLock> {
    const { state, scheduler } = this.#options
    const endMs = scheduler.monotonic() + lockLimitMs
    for (;;) {
      const lock = state.tryLock('refresh')
      if (lock) return lock
      if (scheduler.monotonic() > endMs) throw busy()
      await delay(scheduler, lockPollMs)
    }
  }

  #isFresh(login: Login): boolean {
    return login.accessExpiresAtMs - marginMs > this.#options.scheduler.now()
  }
}

/** Who is logged in; throws `AppError` (unauthenticated, LOGGED_OUT) when nobody is. */
export function currentLogin(state: LocalState): Login {
  const login = state.login()
  if (login) return login
  throw new AppError('unauthenticated', 'LOGGED_OUT', 'nobody is logged in; log in first')
}

/** Credentials as this device keeps them, with the token's end by its own clock. */
export function loginOf(credentials: chat.Credentials | undefined, scheduler: Scheduler): Login {
  if (!credentials)
    throw new AppError('internal', 'NO_CREDENTIALS', 'the server gave no credentials')
  const { iat, exp } = jwtClaims(credentials.accessToken)
  const known = typeof iat === 'number' && typeof exp === 'number'
  return {
    userId: idText(credentials.userId),
    userName: credentials.userName,
    deviceId: idText(credentials.deviceId),
    accessToken: credentials.accessToken,
    accessExpiresAtMs: known
      ? scheduler.now() + (exp - iat) * 1_000
      : credentials.accessExpiresAtMs,
    refreshToken: credentials.refreshToken,
  }
}

function busy(): AppError {
  return new AppError('unavailable', 'REFRESH_BUSY', 'another process keeps renewing the login')
}
