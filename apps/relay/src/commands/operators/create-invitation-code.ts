import type { Tx } from '../../store/tx.ts'
import { done } from '../script.ts'
import type { Verdict } from '../script.ts'

export interface InvitationCodeInput {
  /** SHA-256 of the code. */
  readonly codeHash: Uint8Array
  readonly uses: number
  readonly validMs: number
}

/** Makes a code by which so many users can register. */
export function createInvitationCode(
  tx: Tx,
  input: InvitationCodeInput,
): Verdict<{ expiresAtMs: number }> {
  const expiresAtMs = tx.nowMs + input.validMs
  tx.invitationCodes.insert(input.codeHash, input.uses, expiresAtMs)
  return done({ expiresAtMs })
}
