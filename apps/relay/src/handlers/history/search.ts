import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { limitOf, lineOf, optionalId } from '../checks.ts'

/** Texts that the caller may see and that contain every word of the query, newest first. */
export async function search(
  _ctx: Context,
  request: chat.SearchRequest,
  _caller: Identity,
): Promise<chat.SearchResponse> {
  lineOf(request.query, { field: 'query', maxBytes: 256, filled: true })
  optionalId(request.conversationId, 'conversation_id')
  limitOf(request.limit, 100, 20)
  throw new AppError('unavailable', 'SEARCH_UNAVAILABLE', 'search is not ready yet')
}
