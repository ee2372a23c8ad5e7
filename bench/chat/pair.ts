import type { chat } from '@parley/proto'

/** A message that was handed to the server and not yet both acknowledged and delivered. */
interface Message {
  readonly id: Buffer
  readonly text: string
  readonly sentAtMs: number
  accepted: boolean
  delivered: boolean
}

/** What a pair has seen, for good. */
export interface Counts {
  sent: number
  accepted: number
  delivered: number
}

/** What became of a message, told as it happens. */
export interface PairEvents {
  accepted(latencyMs: number): void
  delivered(latencyMs: number): void
  /** Both: the message has left the window. */
  completed(): void
  /** Something that must never happen: the run is void. */
  violation(what: string): void
}

/**
 * One sender and one receiver, who check every message: its answer and its delivery come once, in
 * the order of sending, with consecutive numbers and the same words.
 */
export class Pair {
  readonly name: string
  readonly counts: Counts = { sent: 0, accepted: 0, delivered: 0 }
  conversationId: Buffer | undefined
  readonly #events: PairEvents
  readonly #unaccepted = new Fifo<Message>()
  readonly #undelivered = new Fifo<Message>()

  constructor(name: string, events: PairEvents) {
    this.name = name
    this.#events = events
  }

  /** Messages that are not yet both acknowledged and delivered. */
  get inFlight(): number {
    return this.counts.sent - Math.min(this.counts.accepted, this.counts.delivered)
  }

  /** A message goes out now. */
  sent(id: Buffer, text: string, nowMs: number): void {
    const message = { id, text, sentAtMs: nowMs, accepted: false, delivered: false }
    this.counts.sent += 1
    this.#unaccepted.push(message)
    this.#undelivered.push(message)
  }

  /** The sender hears that it is stored. */
  accepted(
    { clientMessageId, conversationId, seq, duplicate }: chat.Accepted,
    nowMs: number,
  ): void {
    const message = this.#unaccepted.shift()
    if (message === undefined || !message.id.equals(clientMessageId)) {
      this.#violation('an answer came twice, out of order or to nothing')
      return
    }
    this.counts.accepted += 1
    this.conversationId ??= conversationId
    if (!conversationId.equals(this.conversationId)) this.#violation('another conversation')
    if (duplicate) this.#violation('a first message was called a duplicate')
    if (seq !== this.counts.accepted)
      this.#violation(`answer ${seq} after ${this.counts.accepted - 1}`)
    message.accepted = true
    this.#events.accepted(nowMs - message.sentAtMs)
    if (message.delivered) this.#events.completed()
  }

  /** The receiver gets a run of the conversation. */
  entries({ firstSeq, entries }: chat.Entries, nowMs: number): void {
    for (const [index, entry] of entries.entries()) this.#entry(firstSeq + index, entry, nowMs)
  }

  #entry(seq: number, entry: chat.Entry, nowMs: number): void {
    const expected = this.counts.delivered + 1
    if (seq !== expected) {
      this.#violation(
        `${seq < expected ? 'repeated' : 'lost'}: entry ${seq} instead of ${expected}`,
      )
      return
    }
    this.counts.delivered += 1
    const message = this.#undelivered.shift()
    const { content } = entry.content ?? {}
    if (message === undefined || !message.id.equals(entry.clientMessageId)) {
      this.#violation(`reordered: entry ${seq} is another message`)
      return
    }
    if (content?.$case !== 'text' || content.value.text !== message.text) {
      this.#violation(`entry ${seq} says something else`)
    }
    message.delivered = true
    this.#events.delivered(nowMs - message.sentAtMs)
    if (message.accepted) this.#events.completed()
  }

  #violation(what: string): void {
    this.#events.violation(`${this.name}: ${what}`)
  }
}

/** A queue whose `shift` costs the same however long it is. */
class Fifo<Item> {
  #items: Item[] = []
  #at = 0

  push(item: Item): void {
    this.#items.push(item)
  }

  shift(): Item | undefined {
    const item = this.#items[this.#at]
    this.#at += 1
    if (this.#at >= this.#items.length) {
      this.#items = []
      this.#at = 0
    }
    return item
  }
}
