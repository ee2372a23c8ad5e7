import type { OutboxRow } from '@parley/client'
import { chat } from '@parley/proto'
import { contentLine } from './entry-line.ts'
import { entrySummary } from './entry-text.ts'
import { idText } from './ids.ts'
import type { JsonLine } from './output.ts'

/** How a message in the outbox stands: `waiting`, `sending` (by a running process) or `refused` for good. */
export function outboxState(row: OutboxRow): string {
  if (row.refusedReason !== '') return 'refused'
  return row.claimed ? 'sending' : 'waiting'
}

/** The JSON line of a message that waits. */
export function outboxLine(row: OutboxRow): JsonLine {
  const { messageId, createdAtMs, refusedReason, refusedMessage } = row
  const { target, content, forwardOf } = chat.Send.decode(row.command)
  const targetId = target ? idText(target.value) : null
  return {
    type: 'outbox',
    messageId,
    createdAtMs,
    state: outboxState(row),
    reason: refusedReason || null,
    message: refusedMessage || null,
    conversationId: target?.$case === 'conversationId' ? targetId : null,
    userId: target?.$case === 'userId' ? targetId : null,
    content: forwardOf ? null : contentLine(content?.content),
  }
}

/** What the message says, and why it was refused, on one line. */
export function outboxWords(row: OutboxRow): string {
  const { content, forwardOf } = chat.Send.decode(row.command)
  const words = forwardOf
    ? `[forward of #${forwardOf.seq}]`
    : entrySummary(chat.Entry.create({ content: content as chat.Content }))
  return row.refusedReason === '' ? words : `${words} (${row.refusedReason})`
}
