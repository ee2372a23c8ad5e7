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

/** Bytes come that are of no interest: they need not be held. */
export class Skippable extends Error {
  override readonly name = 'Skippable'
  readonly at: number
  readonly length: number

  constructor(at: number, length: number) {
    super(`${length} bytes can be left out`)
    this.at = at
    this.length = length
  }
}
