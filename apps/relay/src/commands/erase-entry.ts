import { chat } from '@parley/proto'
import type { ConversationRow, Tx } from '../store/tx.ts'

const { Entry, Erased_Why } = chat

/** Takes an entry's words, those of its edits, and its attachment from the log; the rows stay. */
export function eraseEntry(tx: Tx, conversation: ConversationRow, seq: number): void {
  for (const each of [seq, ...tx.log.editsOf(conversation.id, seq)]) {
    const entry = tx.log.entry(conversation.id, each)
    if (entry !== undefined) tx.log.erase(conversation.id, each, tombstone(entry))
  }
  tx.attachments.release(conversation, seq)
}

function tombstone(entry: Uint8Array): Uint8Array {
  const content = { $case: 'erased', value: { why: Erased_Why.RECALLED } } as const
  return Entry.encode({ ...Entry.decode(entry), content: { content } }).finish()
}
