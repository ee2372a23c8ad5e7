import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'

/** Texts that the caller may see and that contain every word of the query, newest first. */
export async function search(
  _ctx: Context,
  _request: chat.SearchRequest,
  _caller: Identity,
): Promise<chat.SearchResponse> {
  throw new AppError('unavailable', 'SEARCH_UNAVAILABLE', 'search is not ready yet')
}
