import type { ConversationKind, ConversationRow, UserRow } from '../../tx.ts'
import { directKey, idKey } from './working-set.ts'

/** So many of each are remembered, and what one batch names; then they are forgotten, and asked for again. */
const maxLastingFacts = 50_000

/**
 * What never changes once it is committed: which number belongs to which id, of what kind a
 * conversation is, whose notices it holds, which two a direct one joins. No row is deleted, and no
 * other relay can make any of it untrue; whatever can change is asked for in each transaction.
 */
export class LastingFacts {
  readonly #max: number
  readonly #kinds = new Map<number, ConversationKind>()
  readonly #conversations = new Map<string, number>()
  readonly #users = new Map<string, number>()
  readonly #notices = new Map<number, number>()
  readonly #directs = new Map<string, number>()
  readonly #pairs = new Map<number, readonly [number, number]>()

  constructor(max = maxLastingFacts) {
    this.#max = max
  }

  /**
   * Forgets what is too much. Called before a batch and never within one: what it has not found would
   * count as not being there.
   */
  makeRoom(): void {
    for (const map of this.#maps()) if (map.size >= this.#max) map.clear()
  }

  /** Only of rows that are committed, never of what this transaction has made. */
  learnConversation({ id, publicId, kind }: ConversationRow): void {
    this.#kinds.set(id, kind)
    this.#conversations.set(idKey(publicId), id)
  }

  /** Likewise. */
  learnUser({ id, publicId, notices }: UserRow): void {
    this.#users.set(idKey(publicId), id)
    this.#notices.set(id, notices)
  }

  /** Likewise. */
  learnDirect(low: number, high: number, conversation: number): void {
    this.#directs.set(directKey(low, high), conversation)
    this.#pairs.set(conversation, [low, high])
  }

  kindOf(conversation: number): ConversationKind | undefined {
    return this.#kinds.get(conversation)
  }

  /** By `idKey`. */
  conversationOf(key: string): number | undefined {
    return this.#conversations.get(key)
  }

  /** By `idKey`. */
  userOf(key: string): number | undefined {
    return this.#users.get(key)
  }

  /** The conversation of a user's notices. */
  noticesOf(user: number): number | undefined {
    return this.#notices.get(user)
  }

  /** By `directKey`. */
  directOf(key: string): number | undefined {
    return this.#directs.get(key)
  }

  /** Whom a direct conversation joins: the lower number first. */
  pairOf(conversation: number): readonly [number, number] | undefined {
    return this.#pairs.get(conversation)
  }

  /** Nothing is known any more. */
  forget(): void {
    for (const map of this.#maps()) map.clear()
  }

  #maps() {
    const byId = [this.#conversations, this.#users, this.#directs]
    return [...byId, this.#kinds, this.#notices, this.#pairs]
  }
}
