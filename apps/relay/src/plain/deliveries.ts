/** An entry that a device has, as an Ack says it. */
export interface Delivered {
  readonly conversationId: Uint8Array
  readonly epoch: number
  readonly seq: number
}

interface Underway extends Delivered {
  readonly isShown: boolean
}

/**
 * What a plain client was shown, in order: an entry counts as delivered when its bytes and those of
 * all entries before it were taken. What is not shown counts with what was shown before it.
 */
export class Deliveries {
  readonly #deliver: (delivered: Delivered) => void
  readonly #underway: Underway[] = []

  constructor(deliver: (delivered: Delivered) => void) {
    this.#deliver = deliver
  }

  /** Nothing is under way. */
  get isIdle(): boolean {
    return this.#underway.length === 0
  }

  shown(entry: Delivered): void {
    this.#underway.push({ ...entry, isShown: true })
  }

  hidden(entry: Delivered): void {
    if (this.#underway.length === 0) this.#deliver(entry)
    else this.#underway.push({ ...entry, isShown: false })
  }

  /** The oldest that was shown is with the client. */
  taken(): void {
    const first = this.#underway.shift()
    if (first !== undefined) this.#deliver(first)
    while (this.#underway[0]?.isShown === false) {
      const next = this.#underway.shift()
      if (next !== undefined) this.#deliver(next)
    }
  }
}
