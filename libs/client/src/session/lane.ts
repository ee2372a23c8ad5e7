/** A message on its way. */
export interface LaneItem {
  readonly messageId: string
  /** Where it stands in the outbox. */
  readonly position: number
  /** The encoded `Send`. */
  readonly command: Uint8Array
}

/**
 * The messages to one conversation, in their order: those before `next` are with the server, the
 * others wait. After an unanswered one nothing goes out until the server has answered the rest,
 * and then all go again in order.
 */
export class Lane<Item extends LaneItem> {
  readonly #items: Item[] = []
  #next = 0
  // Items before `next` that the server has given back: they wait again once the rest is answered.
  readonly #returned = new Set<Item>()
  #heldUntilMs = 0

  get isEmpty(): boolean {
    return this.#items.length === 0
  }

  get inFlight(): number {
    return this.#next - this.#returned.size
  }

  /** When a held lane goes on; undefined when it is not held. */
  heldUntil(nowMs: number): number | undefined {
    return this.#heldUntilMs > nowMs ? this.#heldUntilMs : undefined
  }

  /** Adds a message by its place in the outbox, but never before one that is with the server. */
  add(item: Item): void {
    let index = this.#items.length
    while (index > this.#next && (this.#items[index - 1]?.position ?? 0) > item.position) index -= 1
    this.#items.splice(index, 0, item)
  }

  /** The next message that may go out now; it counts as being with the server from here on. */
  send(nowMs: number): Item | undefined {
    if (this.#returned.size > 0 && !this.#recover(nowMs)) return undefined
    const item = this.#items[this.#next]
    if (item) this.#next += 1
    return item
  }

  /** The message was answered for good. */
  settle(item: Item): void {
    const index = this.#items.indexOf(item)
    if (index < 0) return
    this.#items.splice(index, 1)
    this.#returned.delete(item)
    if (index < this.#next) this.#next -= 1
  }

  /** The message was given back: it goes again, with all after it, `waitMs` from now at the earliest. */
  giveBack(item: Item, nowMs: number, waitMs: number): void {
    const index = this.#items.indexOf(item)
    if (index >= 0 && index < this.#next) this.#returned.add(item)
    this.#heldUntilMs = Math.max(this.#heldUntilMs, nowMs + waitMs)
  }

  /** Nothing is with the server any more. */
  down(): void {
    this.#next = 0
    this.#returned.clear()
    this.#heldUntilMs = 0
  }

  #recover(nowMs: number): boolean {
    if (this.inFlight > 0 || this.#heldUntilMs > nowMs) return false
    this.#next = 0
    this.#returned.clear()
    return true
  }
}
