import type { Tx, UserRow } from '../../store/tx.ts'

/** What a client must be told of a login; the tokens are made by the one who answers. */
export interface LoginAnswer {
  readonly userId: Uint8Array
  readonly userName: string
  readonly deviceId: Uint8Array
  readonly loginId: Uint8Array
}

/** A login to be made, beside whose it is. */
export interface NewLogin {
  readonly loginId: Uint8Array
  /** SHA-256 of the first refresh token. */
  readonly refreshHash: Uint8Array
  /** The id that the device wants to keep, or undefined for a fresh one. */
  readonly deviceId: Uint8Array | undefined
  readonly deviceName: string
}

/** Writes a login of a device of the user. */
export function insertLogin(
  tx: Tx,
  user: UserRow,
  device: { readonly id: number; readonly publicId: Uint8Array },
  login: NewLogin,
): LoginAnswer {
  tx.logins.insert(user.id, device.id, login.loginId, login.refreshHash)
  const { publicId: userId, name: userName } = user
  return { userId, userName, deviceId: device.publicId, loginId: login.loginId }
}

/** The id that a device wants, unless another user's device has it. */
export function freeDeviceId(tx: Tx, wanted: Uint8Array | undefined): Uint8Array {
  const taken = wanted !== undefined && tx.devices.byPublicId(wanted) !== undefined
  return wanted === undefined || taken ? tx.newId() : wanted
}
