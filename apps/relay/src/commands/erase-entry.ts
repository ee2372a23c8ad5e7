import { chat } from '@parley/proto'
import { gramsOf } from '../domain/grams.ts'
import type { ConversationRow, Tx } from '../store/tx.ts'

const { Entry, Erased_Why } = chat

/** Takes an entry's words, those of its edits, and its attachment from the log; the rows stay. */
export function eraseEntry(tx: Tx, conversation: ConversationRow, seq: number): void {
  for (const each of [seq, ...tx.log.editsOf(conversation.id, seq)]) {
    const entry = tx.log.entry(conversation.id, each)
    if (entry === undefined) continue
    const kept = Entry.decode(entry)
    tx.search.remove(conversation.id, each, gramsOf(wordsOf(kept.content)))
    tx.log.erase(conversation.id, each, tombstone(kept))
  }
  tx.attachments.release(conversation, seq)
}

function wordsOf(content: chat.Content | undefined): string {
  const said = content?.content
  return said?.$case === 'text' || said?.$case === 'edit' ? said.value.text : ''
}

function tombstone(entry: chat.Entry): Uint8Array {
  const content = { $case: 'erased', value: { why: Erased_Why.RECALLED } } as const
  return Entry.encode({ ...entry, content: { content } }).finish()
}
