import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'

/** Ends a group; its log can still be read. */
export async function dissolveGroup(
  ctx: Context,
  request: chat.DissolveRequest,
  { user }: Identity,
): Promise<chat.DissolveResponse> {
  const key = requestKey(user, 'Dissolve', chat.DissolveRequest, request)
  const conversationId = idOf(request.conversationId, 'conversation_id')
  const input = { user, conversationId }
  await commit(ctx, { name: 'dissolveGroup', input, request: key })
  return {}
}
