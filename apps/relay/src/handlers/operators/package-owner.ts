/** To whom packages belong on the file server: an id that no user has. */
export const packageOwner: Readonly<Uint8Array> = new Uint8Array(16)
