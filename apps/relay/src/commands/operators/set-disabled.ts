import type { Tx } from '../../store/tx.ts'
import { done, refuse } from '../script.ts'
import type { Verdict } from '../script.ts'

export interface SetDisabledInput {
  readonly nameKey: string
  readonly disabled: boolean
}

/** Shuts a user out, or lets one in again. */
export function setDisabled(tx: Tx, input: SetDisabledInput): Verdict<null> {
  const user = tx.users.byNameKey(input.nameKey)
  if (user === undefined) return refuse('USER_UNKNOWN', 'There is no such user.')
  tx.users.setDisabled(user.id, input.disabled)
  if (input.disabled) tx.logins.endOfUser(user.id, 0, 'DISABLED')
  return done(null)
}
