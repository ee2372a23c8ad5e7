/** How far a device has a conversation. */
export interface Position {
  readonly epoch: number
  readonly seq: number
}

/**
 * Up to where a device has each conversation, as a naive client believes: every run of entries is
 * complete; an own message that is the next one is not sent as an entry, any other is.
 */
export class Positions {
  readonly #held = new Map<string, Position>()

  seq(conversation: string): number {
    return this.#held.get(conversation)?.seq ?? 0
  }

  all(): readonly (readonly [string, Position])[] {
    return [...this.#held]
  }

  /** A run of entries, or a gap, up to there was told. */
  told(conversation: string, epoch: number, upTo: number): void {
    this.#held.set(conversation, { epoch, seq: Math.max(upTo, this.seq(conversation)) })
  }

  /** An own message was accepted by the stream that sent it; answers whether that moves the position. */
  sent(conversation: string, epoch: number, seq: number): boolean {
    const isNext = this.#held.has(conversation) && this.seq(conversation) === seq - 1
    if (isNext) this.#held.set(conversation, { epoch, seq })
    return isNext
  }
}
