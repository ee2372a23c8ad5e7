/** The bytes are not what this reader reads; the message says why. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

/** The bytes end too early; nothing can be said before there are so many. */
export class Incomplete extends Error {
  override readonly name = 'Incomplete'
  readonly neededBytes: number

  constructor(neededBytes: number) {
    super(`${neededBytes} bytes are needed`)
    this.neededBytes = neededBytes
  }
}
