import { idText } from '@parley/client'
import type { SeenEntry } from '@parley/history'
import { chat } from '@parley/proto'

/** An entry as the history notes it. */
export function seenEntry(entry: chat.Entry | undefined): SeenEntry {
  const content = entry?.content?.content
  return {
    sender: idOf(entry?.senderId),
    id: idOf(entry?.clientMessageId),
    kind: content?.$case ?? 'nothing',
    ...(entry && entry.replyToSeq > 0 ? { replyTo: entry.replyToSeq } : {}),
    ...told(content),
  }
}

type Told = Pick<SeenEntry, 'body' | 'target' | 'change' | 'member'>

function told(content: chat.Content['content']): Told {
  switch (content?.$case) {
    case 'text':
      return { body: content.value.text }
    case 'edit':
      return { body: content.value.text, target: content.value.targetSeq }
    case 'recall':
      return { body: '', target: content.value.targetSeq }
    case 'file':
      return { body: content.value.fileId }
    case 'image':
      return { body: content.value.imageId }
    case 'membership':
      return { body: '', change: changeOf(content.value), member: idOf(content.value.userId) }
    default:
      return { body: '' }
  }
}

const changes = new Map<number, string>(
  Object.entries(chat.Membership_Change).map(([name, value]) => [value, name.toLowerCase()]),
)

function changeOf({ change }: chat.Membership): string {
  return changes.get(change) ?? String(change)
}

function idOf(bytes: Uint8Array | undefined): string {
  return bytes?.length === 16 ? idText(bytes) : ''
}
