import type { ConversationView } from '@parley/client'
import { chat } from '@parley/proto'
import { conversationKindWord } from '@parley/words'
import { idText } from './ids.ts'

/** What the server or this device knows of a conversation. */
type Named = Pick<ConversationView, 'kind' | 'title' | 'peerName'> & {
  readonly peerId: string | Uint8Array
}

/** What names a conversation, as it stands in the JSON lines. */
export function conversationLine(info: Named | undefined): Readonly<Record<string, unknown>> {
  const peerId = info?.peerId ?? ''
  return {
    kind: conversationKindWord(info?.kind ?? 0),
    title: info?.title || null,
    peerId: typeof peerId === 'string' ? peerId || null : idText(peerId),
    peerName: info?.peerName || null,
  }
}

/** A conversation as one would type it: `@bob`, `#Tea`, or `notices`. */
export function conversationName(info: Named | undefined): string {
  switch (info?.kind) {
    case chat.ConversationKind.DIRECT:
      return `@${info.peerName}`
    case chat.ConversationKind.GROUP:
      return `#${info.title}`
    case chat.ConversationKind.NOTICES:
      return 'notices'
    default:
      return '?'
  }
}
