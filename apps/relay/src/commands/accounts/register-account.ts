import type { Tx } from '../../store/tx.ts'
import { done, refuse } from '../script.ts'
import type { Verdict } from '../script.ts'
import { freeDeviceId, insertLogin } from './login-answer.ts'
import type { LoginAnswer, NewLogin } from './login-answer.ts'

export interface RegisterInput extends NewLogin {
  readonly name: string
  readonly nameKey: string
  readonly skeleton: string
  /** Argon2id in PHC form. */
  readonly password: string
  /** SHA-256 of the invitation code, where one is needed. */
  readonly codeHash: Uint8Array | undefined
}

/** Makes a user with a notices log, a first device and its login. */
export function registerAccount(tx: Tx, input: RegisterInput): Verdict<LoginAnswer> {
  // First of all: without a good code nobody learns which names there are.
  if (input.codeHash !== undefined && !tx.invitationCodes.isGood(input.codeHash)) {
    return refuse('INVITATION_CODE_INVALID', 'The invitation code is unknown, used up or expired.')
  }
  if (tx.users.nameTaken(input.nameKey, input.skeleton)) {
    return refuse('NAME_TAKEN', 'This name, or one that looks like it, is taken.')
  }
  if (input.codeHash !== undefined) tx.invitationCodes.use(input.codeHash)
  const notices = tx.conversations.insert(3, '', false)
  const { name, nameKey, skeleton, password } = input
  const row = { publicId: tx.newId(), name, nameKey, skeleton, password, notices: notices.id }
  const id = tx.users.insert(row)
  tx.members.add(notices.id, id, 1, 1)
  const publicId = freeDeviceId(tx, input.deviceId)
  const device = { id: tx.devices.insert(id, publicId, input.deviceName), publicId }
  const user = { ...row, id, nickname: '', about: '', disabled: false }
  return done(insertLogin(tx, user, device, input))
}
