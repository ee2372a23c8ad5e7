import type { ContactRow, ConversationRow, LoggedRow, MemberRow, UserRow } from '../../tx.ts'

/** A stay of a user in a conversation, as a transaction sees it. */
export interface StayRow extends MemberRow {
  /** Undefined while it lasts. */
  readonly leftSeq: number | undefined
}

/**
 * What one transaction knows. Nothing is kept from one to the next: other relays write too. A key that
 * is absent has not been asked for; `undefined` as its value means that there is no such row.
 */
export class WorkingSet {
  /** Conversations whose rows this transaction holds: nobody else changes what belongs to them. */
  readonly locked = new Set<number>()
  readonly conversations = new Map<number, ConversationRow | undefined>()
  /** By the text of a public id. */
  readonly conversationIds = new Map<string, number | undefined>()
  /** By `pairKey` of the lower and the higher user. */
  readonly directs = new Map<string, number | undefined>()
  readonly directUsers = new Map<number, readonly [number, number] | undefined>()
  readonly heads = new Map<number, number>()
  /** By `pairKey` of conversation and user: all stays, oldest first. */
  readonly stays = new Map<string, readonly StayRow[]>()
  readonly users = new Map<number, UserRow | undefined>()
  /** Users whose rows this transaction holds. */
  readonly lockedUsers = new Set<number>()
  readonly userIds = new Map<string, number | undefined>()
  /** By `pairKey`, directed. */
  readonly contacts = new Map<string, ContactRow | undefined>()
  readonly unanswered = new Map<string, number>()
  /** By `pairKey` of user and conversation. */
  readonly readUpTo = new Map<string, number>()
  /** By `clientKey`. */
  readonly logged = new Map<string, LoggedRow | undefined>()

  /** What was known of a conversation before its row was held may be old. */
  lockedNow(conversation: number): void {
    this.locked.add(conversation)
    this.heads.delete(conversation)
    for (const key of this.stays.keys()) {
      if (key.startsWith(`${conversation}:`)) this.stays.delete(key)
    }
  }

  remember(user: UserRow): UserRow {
    this.users.set(user.id, user)
    this.userIds.set(idKey(user.publicId), user.id)
    return user
  }

  rememberConversation(conversation: ConversationRow): ConversationRow {
    this.conversations.set(conversation.id, conversation)
    this.conversationIds.set(idKey(conversation.publicId), conversation.id)
    return conversation
  }

  /** The transaction is over, and holds nothing any more. */
  releaseAll(): void {
    this.locked.clear()
    this.lockedUsers.clear()
  }

  /** Forgets all rows, as after an undo; locks last as long as the transaction. */
  forget(): void {
    for (const map of [this.conversations, this.conversationIds, this.directs]) map.clear()
    for (const map of [this.directUsers, this.heads, this.stays, this.users]) map.clear()
    for (const map of [this.userIds, this.contacts, this.unanswered]) map.clear()
    for (const map of [this.readUpTo, this.logged]) map.clear()
  }
}

/** One key for two numbers. */
export function pairKey(one: number, other: number): string {
  return `${one}:${other}`
}

/** The same for two users in any order. */
export function directKey(one: number, other: number): string {
  return pairKey(Math.min(one, other), Math.max(one, other))
}

/** A public id as a key. */
export function idKey(publicId: Uint8Array): string {
  return Buffer.from(publicId.buffer, publicId.byteOffset, publicId.length).toString('latin1')
}

/** A message id of a sender as a key. */
export function clientKey(sender: number, clientId: Uint8Array): string {
  return `${sender}:${idKey(clientId)}`
}
