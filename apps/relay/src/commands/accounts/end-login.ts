import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'

export interface EndLoginInput {
  readonly loginId: Uint8Array
}

/** Ends a login; one that has ended already stays so. */
export function endLogin(tx: Tx, input: EndLoginInput): Verdict<null> {
  const login = tx.logins.byPublicId(input.loginId)
  if (login !== undefined) tx.logins.end(login.id, 'REVOKED')
  return done(null)
}
