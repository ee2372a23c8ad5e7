import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { queryWords } from '../../domain/grams.ts'
import type { Identity } from '../../security/identity.ts'
import { searchBounds } from '../../store/queries/search/search-logs.ts'
import type { FoundText } from '../../store/queries/search/search-logs.ts'
import { invalid, limitOf, lineOf, optionalId } from '../checks.ts'
import { fitting } from '../page.ts'
import { conversationInfo } from './conversation-info.ts'
import { newestWords } from '../../domain/newest-words.ts'

/** What names, numbers and tags of a found text need at most. */
const fixedBytes = 512

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
    throw invalid('QUERY_WITHOUT_WORDS', 'a query needs a letter or a digit')
  }
  ctx.security.rates.search(user)
  const asked = { user, words, conversationId, limit, bounds: searchBounds }
  const result = await ctx.searches.run(() => ctx.journal.ask('searchLogs', asked))
  if (result === undefined) {
    throw new AppError('not-found', 'CONVERSATION_UNKNOWN', 'there is no such conversation')
  }
  const page = fitting(result.found, bytesOf)
  return { found: page.items.map(answered), more: page.cut || result.more }
}

function bytesOf({ entry, edit }: FoundText): number {
  return fixedBytes + entry.length + (edit?.length ?? 0)
}

function answered(text: FoundText): chat.Found {
  return {
    conversationId: Buffer.from(text.conversationId),
    info: conversationInfo(text),
    seq: text.seq,
    entry: newestWords(text.entry, text.edit),
  }
}
