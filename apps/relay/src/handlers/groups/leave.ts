import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'

/** Leaves a group; an owner hands it on. */
export async function leaveGroup(
  ctx: Context,
  request: chat.GroupsLeaveRequest,
  { user }: Identity,
): Promise<chat.GroupsLeaveResponse> {
  const key = requestKey(user, 'GroupsLeave', chat.GroupsLeaveRequest, request)
  const conversationId = idOf(request.conversationId, 'conversation_id')
  const input = { user, conversationId }
  await commit(ctx, { name: 'leaveGroup', input, request: key })
  return {}
}
