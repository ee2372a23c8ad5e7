import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import type { LogLine } from '../../store/queries/log-page.ts'
import { idOf, limitOf, numberOf } from '../checks.ts'
import { fitting } from '../page.ts'
import { newestWords } from '../../domain/newest-words.ts'

/** A run of a log that the caller may see, with the newest words of edited texts. */
export async function listMessages(
  ctx: Context,
  request: chat.ListMessagesRequest,
  { user }: Identity,
): Promise<chat.ListMessagesResponse> {
  const conversationId = idOf(request.conversationId, 'conversation_id')
  const limit = limitOf(request.limit, 200, 50)
  const beforeSeq = numberOf(request.beforeSeq, 'before_seq', 0, Number.MAX_SAFE_INTEGER)
  const asked = { user, conversationId, beforeSeq, limit: limit + 1 }
  const lines = await ctx.journal.ask('logPage', asked)
  if (lines === undefined) {
    throw new AppError('not-found', 'CONVERSATION_UNKNOWN', 'there is no such conversation')
  }
  const page = fitting(lines.slice(0, limit), bytesOf)
  const more = page.cut || lines.length > limit
  return { entries: page.items.map(numbered).toReversed(), more }
}

function bytesOf({ entry, edit }: LogLine): number {
  return 16 + entry.length + (edit?.length ?? 0)
}

function numbered({ seq, entry, edit }: LogLine): chat.NumberedEntry {
  return { seq, entry: newestWords(entry, edit), edited: edit !== null }
}
