import type { chat } from '@parley/proto'
import { messageKey } from '../session/send-item.ts'

/** The most messages of a conversation that came directly and wait for the server's copy. */
export const maxAwaited = 1_000
/** The newest messages that came by the server, of which a late direct copy is told from a new one. */
export const maxRemembered = 4_000
/** Without the server's copy for so long a message is doubtful. */
export const doubtAfterMs = 10_000

/** A message that was shown before the server's copy of it came. */
interface Awaited {
  readonly messageId: Buffer
  readonly senderId: Buffer
  readonly text: string
  readonly replyToSeq: number
  sinceMs: number
  isDoubted: boolean
}

/** What an entry of the log is to somebody who has got messages directly, too. */
export type StoredVerdict = 'new' | 'shown' | 'contradicted'

/** Which messages of one conversation came by which way: each is shown at its first arrival, and once. */
export class Arrivals {
  readonly #awaited = new Map<string, Awaited>()
  /** A set in the order of arrival: the oldest goes first. */
  readonly #stored = new Set<string>()

  /** Messages that wait for the server's copy. */
  get awaited(): number {
    return this.#awaited.size
  }

  /** A message came directly: true when it is to be shown now. */
  direct(senderId: Buffer, { clientMessageId, text, replyToSeq }: chat.DirectText, nowMs: number) {
    const key = messageKey(clientMessageId)
    if (this.#stored.has(key) || this.#awaited.has(key)) return false
    if (this.#awaited.size >= maxAwaited) return false
    const said = { messageId: clientMessageId, senderId, text: text?.text ?? '', replyToSeq }
    this.#awaited.set(key, { ...said, sinceMs: nowMs, isDoubted: false })
    return true
  }

  /** The server's copy came. `contradicted`: what was shown under its id is something else. */
  stored(entry: chat.Entry): StoredVerdict {
    if (entry.clientMessageId.length === 0) return 'new'
    const key = messageKey(entry.clientMessageId)
    const awaited = this.#awaited.get(key)
    // Ids are made by clients: the same one of another sender is another message.
    if (awaited !== undefined && !awaited.senderId.equals(entry.senderId)) return 'new'
    this.#remember(key)
    if (awaited === undefined) return 'new'
    this.#awaited.delete(key)
    return isSame(awaited, entry) ? 'shown' : 'contradicted'
  }

  /** Messages whose server's copy should have come by now, each told once. */
  doubtful(nowMs: number): Buffer[] {
    const late: Buffer[] = []
    for (const awaited of this.#awaited.values()) {
      if (awaited.isDoubted || nowMs - awaited.sinceMs < doubtAfterMs) continue
      awaited.isDoubted = true
      late.push(awaited.messageId)
    }
    return late
  }

  /** The server was away until now: nothing could come. */
  excuse(nowMs: number): void {
    for (const awaited of this.#awaited.values()) awaited.sinceMs = nowMs
  }

  #remember(key: string): void {
    this.#stored.add(key)
    if (this.#stored.size <= maxRemembered) return
    for (const oldest of this.#stored) {
      this.#stored.delete(oldest)
      return
    }
  }
}

function isSame({ text, replyToSeq }: Awaited, entry: chat.Entry): boolean {
  const content = entry.content?.content
  // Taken back meanwhile: of its words nothing is left to compare.
  if (content?.$case === 'erased') return true
  return content?.$case === 'text' && content.value.text === text && entry.replyToSeq === replyToSeq
}
