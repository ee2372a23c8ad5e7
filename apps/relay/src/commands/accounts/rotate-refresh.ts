import { bytesEqual } from '../../domain/bytes.ts'
import type { LoginRow, Tx } from '../../store/tx.ts'
import { done, refuse } from '../script.ts'
import type { Verdict } from '../script.ts'
import type { LoginAnswer } from './login-answer.ts'

/** How long a lost answer can be asked for again. */
export const repeatMs = 60_000
/** How long a login lasts without being renewed. */
export const idleLoginMs = 90 * 24 * 3600 * 1000

export interface RotateInput {
  readonly loginId: Uint8Array
  /** SHA-256 of the token that was presented; it is known to have been issued for this login. */
  readonly hash: Uint8Array
  readonly requestId: Uint8Array
  /** SHA-256 of the token that follows it for this request. */
  readonly nextHash: Uint8Array
}

/** `reused`: somebody else has the token too, so the login was ended. */
export type RotateAnswer =
  { readonly state: 'renewed'; readonly login: LoginAnswer } | { readonly state: 'reused' }

/**
 * Exchanges a refresh token. The same token with the same request id gives the same answer for a
 * minute; any other use of a token that was exchanged before ends the login (security.md, Tokens).
 */
export function rotateRefresh(tx: Tx, input: RotateInput): Verdict<RotateAnswer> {
  const login = tx.logins.byPublicId(input.loginId)
  if (login === undefined || login.ended || tx.nowMs - login.rotatedAtMs > idleLoginMs) {
    return refuse('LOGIN_ENDED', 'This login has ended; log in again.')
  }
  if (bytesEqual(login.refreshHash, input.hash)) {
    tx.logins.rotate(login.id, input.nextHash, input.hash, input.requestId)
    tx.devices.seen(login.device)
    return renewed(tx, login)
  }
  if (isRepeat(tx, login, input)) return renewed(tx, login)
  tx.logins.end(login.id, 'REVOKED')
  return done({ state: 'reused' })
}

function isRepeat(tx: Tx, login: LoginRow, input: RotateInput): boolean {
  const { previousHash, previousRequestId } = login
  if (previousHash === undefined || !bytesEqual(previousHash, input.hash)) return false
  if (previousRequestId === undefined) return false
  if (!bytesEqual(previousRequestId, input.requestId)) return false
  return tx.nowMs - login.rotatedAtMs <= repeatMs
}

function renewed(tx: Tx, login: LoginRow): Verdict<RotateAnswer> {
  const user = tx.users.byId(login.user)
  const device = tx.devices.byId(login.device)
  if (user === undefined || device === undefined) throw new Error('a login has user and device')
  return done({
    state: 'renewed',
    login: {
      userId: user.publicId,
      userName: user.name,
      deviceId: device.publicId,
      loginId: login.publicId,
    },
  })
}
