import { chat } from '@parley/proto'
import { limits } from '../../domain/limits.ts'
import type { DeviceRow, Tx, UserRow } from '../../store/tx.ts'
import { done, refuse } from '../script.ts'
import type { Verdict } from '../script.ts'
import { appendNotice } from '../server-entry.ts'
import { freeDeviceId, insertLogin } from './login-answer.ts'
import type { LoginAnswer, NewLogin } from './login-answer.ts'

export interface CreateLoginInput extends NewLogin {
  readonly user: number
  /** The stored password that was found to match. */
  readonly verified: string
  /** The same password hashed by today's parameters, when they have changed. */
  readonly rehashed: string | undefined
}

/** Logs a device in; an earlier login of the same device ends. */
export function createLogin(tx: Tx, input: CreateLoginInput): Verdict<LoginAnswer> {
  const user = tx.users.byId(input.user)
  // The password may have been changed while it was being checked.
  if (user === undefined || user.password !== input.verified) {
    return refuse('CREDENTIALS_INVALID', 'The name or the password is wrong.')
  }
  if (user.disabled) return refuse('DISABLED', 'This account is disabled.')
  if (input.rehashed !== undefined) tx.users.setPassword(user.id, input.rehashed)
  const device = deviceOf(tx, user, input)
  return done(insertLogin(tx, user, device, input))
}

function deviceOf(tx: Tx, user: UserRow, input: NewLogin): DeviceRow {
  const known = input.deviceId && tx.devices.byPublicId(input.deviceId)
  if (known !== undefined && known.user === user.id) {
    tx.logins.endOfDevice(known.id, 'REPLACED')
    tx.devices.seen(known.id, input.deviceName)
    return known
  }
  makeRoom(tx, user.id)
  const publicId = freeDeviceId(tx, input.deviceId)
  const name = input.deviceName
  appendNotice(tx, user, { kind: chat.Notice_Kind.NEW_DEVICE, text: name })
  return { id: tx.devices.insert(user.id, publicId, name), publicId, user: user.id, name }
}

function makeRoom(tx: Tx, user: number): void {
  if (tx.devices.countOf(user) < limits.devices) return
  const stalest = tx.devices.stalest(user)
  if (stalest !== undefined) tx.devices.remove(stalest.id, 'REPLACED')
}
