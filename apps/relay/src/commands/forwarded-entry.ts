import { chat } from '@parley/proto'
import { newestWords } from '../domain/newest-words.ts'
import type { SendReason } from '../domain/may-send.ts'
import { saidKinds } from '../domain/may-send.ts'
import type { Tx } from '../store/tx.ts'
import type { SendInput } from './send-input.ts'

const { Entry } = chat

/** The message with the content of an entry that its sender can see, or why there is none. */
export function forwardedEntry(
  tx: Tx,
  input: SendInput,
  source: NonNullable<SendInput['forwardOf']>,
): SendInput | SendReason {
  const from = tx.conversations.byPublicId(source.conversationId)
  if (from === undefined) return 'NO_SUCH_ENTRY'
  if (!tx.members.maySee(from.id, input.sender, source.seq)) return 'NO_SUCH_ENTRY'
  const row = tx.log.row(from.id, source.seq)
  const bytes = tx.log.entry(from.id, source.seq)
  if (row === undefined || bytes === undefined) return 'NO_SUCH_ENTRY'
  if (!saidKinds.has(row.kind)) return 'CONTENT_NOT_ALLOWED'
  const entry = Entry.decode(input.entry)
  entry.content = newestWords(bytes, newestEdit(tx, from.id, input.sender, source.seq)).content
  entry.forwarded = true
  return {
    ...input,
    kind: row.kind,
    entry: Entry.encode(entry).finish(),
    // What a dissolved group carried is let go, soon if not yet.
    attachment: from.dissolved ? undefined : tx.attachments.of(from.id, source.seq),
  }
}

// Who forwards passes on the words that they see, not those that were corrected.
function newestEdit(tx: Tx, conversation: number, user: number, seq: number): Uint8Array | null {
  const edits = tx.log.editsOf(conversation, seq)
  const seen = edits.filter((edit) => tx.members.maySee(conversation, user, edit)).at(-1)
  return (seen === undefined ? undefined : tx.log.entry(conversation, seen)) ?? null
}
