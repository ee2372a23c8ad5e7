import { chat } from '@parley/proto'
import type { Tx } from '../../store/tx.ts'
import { done, refuse } from '../script.ts'
import type { Verdict } from '../script.ts'
import { appendNotice } from '../server-entry.ts'

export interface ChangePasswordInput {
  readonly user: number
  /** The stored password that was found to match the old one. */
  readonly verified: string
  readonly password: string
  /** The login that goes on. */
  readonly loginId: Uint8Array
}

/** Gives a user another password and ends every other login. */
export function changePassword(tx: Tx, input: ChangePasswordInput): Verdict<null> {
  const user = tx.users.byId(input.user)
  if (user === undefined || user.password !== input.verified) {
    return refuse('CREDENTIALS_INVALID', 'The old password is wrong.')
  }
  const login = tx.logins.byPublicId(input.loginId)
  tx.users.setPassword(user.id, input.password)
  tx.logins.endOfUser(user.id, login?.id ?? 0, 'REVOKED')
  appendNotice(tx, user, { kind: chat.Notice_Kind.PASSWORD_CHANGED })
  return done(null)
}
