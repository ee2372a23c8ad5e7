import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'

/** Joins an open group, or accepts an invitation. */
export async function joinGroup(
  ctx: Context,
  request: chat.GroupsJoinRequest,
  { user }: Identity,
): Promise<chat.GroupsJoinResponse> {
  const key = requestKey(user, 'GroupsJoin', chat.GroupsJoinRequest, request)
  const conversationId = idOf(request.conversationId, 'conversation_id')
  const input = { user, conversationId }
  await commit(ctx, { name: 'joinGroup', input, request: key })
  return {}
}
