import { issueAccessToken, Verifier, verifyAccessToken } from '@parley/auth'
import type { AccessToken, IssuedToken, KeySet, Signer } from '@parley/auth'
import { AppError } from '@parley/errors'
import type { Scheduler } from '@parley/service-kit'
import { uuidBytes, uuidText } from '@parley/service-kit'
import { LRUCache } from 'lru-cache'
import type { LoginAnswer } from '../commands/accounts/login-answer.ts'
import { bytesEqual } from '../domain/bytes.ts'
import type { Journal } from '../store/journal.ts'
import type { LoginState } from '../store/queries/login-state.ts'
import type { Identity } from './identity.ts'

/** How old the knowledge that a login lives may be. */
export const loginStateMs = 1_000
/** Logins remembered for so long; the one unheard of longest is asked for again. */
const maxLogins = 50_000

/** Gives out access tokens and tells whose they are. */
export interface Tokens {
  issue(login: LoginAnswer): Promise<IssuedToken>
  /** Throws `AppError` unauthenticated: a TOKEN_ reason, LOGIN_ENDED or DISABLED. */
  authenticate(accessToken: string): Promise<Identity>
  /** The same, of a login that lives at this moment: nothing that is remembered counts. */
  authenticateNow(accessToken: string): Promise<Identity>
  /** The same, also for a login that has ended: only to end it again. */
  readLogin(accessToken: string): Promise<Uint8Array>
  /** The login is over: its tokens are refused from this moment. */
  ended(loginId: Uint8Array): void
}

/** What tokens need. */
export interface TokensParts {
  readonly signer: Signer
  /** Of all relays of the database. */
  readonly keys: KeySet
  readonly journal: Pick<Journal, 'ask'>
  readonly scheduler: Scheduler
}

interface Known {
  readonly atMs: number
  readonly state: Promise<LoginState | undefined>
}

/** Access tokens, signed by this relay or another of the same database; whether a login lives is known to within a second. */
export function openTokens({ signer, keys, journal, scheduler }: TokensParts): Tokens {
  const verifier = new Verifier(keys, { scheduler })
  const known = new LRUCache<string, Known>({ max: maxLogins })
  const ask = (loginId: string): Promise<LoginState | undefined> => {
    const before = known.get(loginId)
    if (before === undefined || scheduler.monotonic() - before.atMs >= loginStateMs) {
      return askNow(loginId)
    }
    return before.state
  }
  const askNow = (loginId: string): Promise<LoginState | undefined> => {
    const nowMs = scheduler.monotonic()
    const state = journal.ask('loginState', { loginId: idOf(loginId) })
    known.set(loginId, { atMs: nowMs, state })
    // A question that failed is no knowledge.
    state.catch(() => known.delete(loginId))
    return state
  }
  return {
    issue: ({ userId, deviceId, loginId }) =>
      issueAccessToken(signer, {
        userId: uuidText(userId),
        deviceId: uuidText(deviceId),
        loginId: uuidText(loginId),
      }),
    async authenticate(accessToken) {
      const token = await verifyAccessToken(verifier, accessToken, 'chat')
      return identity(token, await ask(token.loginId))
    },
    async authenticateNow(accessToken) {
      const token = await verifyAccessToken(verifier, accessToken, 'chat')
      return identity(token, await askNow(token.loginId))
    },
    async readLogin(accessToken) {
      return idOf((await verifyAccessToken(verifier, accessToken, 'chat')).loginId)
    },
    ended(loginId) {
      const state = Promise.resolve(undefined)
      known.set(uuidText(loginId), { atMs: scheduler.monotonic(), state })
    },
  }
}

function identity(token: AccessToken, state: LoginState | undefined): Identity {
  const ended = new AppError('unauthenticated', 'LOGIN_ENDED', 'this login has ended, log in again')
  if (state === undefined) throw ended
  if (state.disabled) throw new AppError('unauthenticated', 'DISABLED', 'this account is disabled')
  const isSame =
    bytesEqual(state.userId, idOf(token.userId)) && bytesEqual(state.deviceId, idOf(token.deviceId))
  if (state.ended || !isSame) throw ended
  const { user, userId, userName, device, deviceId } = state
  const login = idOf(token.loginId)
  return { user, userId, userName, device, deviceId, login, expiresAtMs: token.expiresAtMs }
}

function idOf(text: string): Uint8Array {
  return uuidBytes(text)
}
