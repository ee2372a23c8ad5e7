import type { chat } from '@parley/proto'
import { entryWords } from '@parley/words'
import { bytesEqual } from '../domain/bytes.ts'

/** Who says what nobody has said. No user can have this name. */
const serverName = 'Server'

/** What a plain client shows of an entry; undefined for what its user did, here or on another device. */
export function plainWords(
  entry: chat.Entry,
  readerId: Uint8Array,
): { readonly sender: string; readonly text: string } | undefined {
  if (entry.senderId.length > 0 && bytesEqual(entry.senderId, readerId)) return undefined
  return { sender: senderOf(entry), text: entryWords(entry) }
}

function senderOf({ content, senderName }: chat.Entry): string {
  const byServer = ['membership', 'notice'].includes(content?.content?.$case ?? '')
  return byServer || senderName === '' ? serverName : senderName
}
