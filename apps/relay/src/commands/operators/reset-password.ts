import { chat } from '@parley/proto'
import type { Tx } from '../../store/tx.ts'
import { done, refuse } from '../script.ts'
import type { Verdict } from '../script.ts'
import { appendNotice } from '../server-entry.ts'

export interface ResetPasswordInput {
  readonly nameKey: string
  /** Argon2id in PHC form. */
  readonly password: string
}

/** Gives a user another password and ends every login. */
export function resetPassword(tx: Tx, input: ResetPasswordInput): Verdict<null> {
  const user = tx.users.byNameKey(input.nameKey)
  if (user === undefined) return refuse('USER_UNKNOWN', 'There is no such user.')
  tx.users.setPassword(user.id, input.password)
  tx.logins.endOfUser(user.id, 0, 'REVOKED')
  appendNotice(tx, user, { kind: chat.Notice_Kind.PASSWORD_CHANGED })
  return done(null)
}
