import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'

/** Removes a member, or takes an invitation back. */
export async function removeMember(
  ctx: Context,
  request: chat.GroupsRemoveRequest,
  { user }: Identity,
): Promise<chat.GroupsRemoveResponse> {
  const key = requestKey(user, 'GroupsRemove', chat.GroupsRemoveRequest, request)
  const conversationId = idOf(request.conversationId, 'conversation_id')
  const input = { user, conversationId, otherId: idOf(request.userId, 'user_id') }
  await commit(ctx, { name: 'removeMember', input, request: key })
  return {}
}
