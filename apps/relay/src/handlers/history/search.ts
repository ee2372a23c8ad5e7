import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { queryWords } from '../../domain/grams.ts'
import type { Identity } from '../../security/identity.ts'
import type { FoundText } from '../../store/queries/search-logs.ts'
import { limitOf, lineOf, optionalId } from '../checks.ts'
import { fitting } from '../page.ts'
import { conversationInfo } from './conversation-info.ts'
import { newestWords } from './newest-words.ts'

/** Texts that the caller may see and that contain every word of the query, newest first. */
export async function search(
  ctx: Context,
  request: chat.SearchRequest,
  { user }: Identity,
): Promise<chat.SearchResponse> {
  const query = lineOf(request.query, { field: 'query', maxBytes: 256, filled: true })
  const conversationId = optionalId(request.conversationId, 'conversation_id')
  const limit = limitOf(request.limit, 100, 20)
  const words = queryWords(query)
  if (words.length === 0) {
    throw new AppError('invalid', 'QUERY_TOO_SHORT', 'a query has at least one word')
  }
  const found = await ctx.journal.ask('searchLogs', { user, words, conversationId, limit })
  return { found: fitting(found, bytesOf).items.map(answered) }
}

function bytesOf({ entry, edit }: FoundText): number {
  return 96 + entry.length + (edit?.length ?? 0)
}

function answered(text: FoundText): chat.Found {
  return {
    conversationId: Buffer.from(text.conversationId),
    info: conversationInfo(text),
    seq: text.seq,
    entry: newestWords(text.entry, text.edit),
  }
}
