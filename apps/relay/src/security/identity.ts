/** Who is at the other end of a stream or call, from a verified access token and a login that lives. */
export interface Identity {
  /** Number of the user in the database. */
  readonly user: number
  readonly userId: Uint8Array
  readonly userName: string
  /** Number of the device in the database. */
  readonly device: number
  readonly deviceId: Uint8Array
  /** Public id of the login. */
  readonly login: Uint8Array
  /** When the access token expires. */
  readonly expiresAtMs: number
}
