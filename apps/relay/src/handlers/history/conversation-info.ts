import type { chat } from '@parley/proto'

/** What a query tells of a conversation's name. */
interface NamedConversation {
  readonly kind: number
  readonly title: string
  readonly peerId: Uint8Array | null
  readonly peerName: string | null
}

/** What a client needs to name a conversation. */
export function conversationInfo(line: NamedConversation): chat.ConversationInfo {
  return {
    // 1 to 3 in the database as on the wire.
    kind: line.kind as chat.ConversationKind,
    title: line.title,
    peerId: Buffer.from(line.peerId ?? []),
    peerName: line.peerName ?? '',
  }
}
