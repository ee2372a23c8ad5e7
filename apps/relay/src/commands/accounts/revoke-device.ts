import type { Tx } from '../../store/tx.ts'
import { done, refuse } from '../script.ts'
import type { Verdict } from '../script.ts'

export interface RevokeDeviceInput {
  readonly user: number
  readonly deviceId: Uint8Array
}

/** Takes a device of the user away: its logins end and its cursors are forgotten. */
export function revokeDevice(tx: Tx, input: RevokeDeviceInput): Verdict<null> {
  const device = tx.devices.byPublicId(input.deviceId)
  if (device === undefined || device.user !== input.user) {
    return refuse('DEVICE_UNKNOWN', 'You have no such device.')
  }
  tx.devices.remove(device.id, 'REVOKED')
  return done(null)
}
