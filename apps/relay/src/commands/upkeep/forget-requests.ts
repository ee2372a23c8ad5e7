import type { Tx } from '../../store/tx.ts'
import { keyKeptMs } from '../../store/queries/signing-keys.ts'
import { idleLoginMs } from '../accounts/rotate-refresh.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'

/** How long the answer of a mutating call is kept for a repetition. */
export const answerKeptMs = 7 * 24 * 3600 * 1000

/** Forgets old answers, logins that nobody renewed, expired codes and keys; tells how many rows went. */
export function forgetRequests(tx: Tx, _input: null): Verdict<{ forgotten: number }> {
  tx.invitationCodes.forgetExpired()
  tx.signingKeys.forgetBefore(tx.nowMs - keyKeptMs)
  const answers = tx.requests.forgetBefore(tx.nowMs - answerKeptMs)
  return done({ forgotten: answers + tx.logins.forgetBefore(tx.nowMs - idleLoginMs) })
}
