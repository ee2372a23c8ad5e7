import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { limits } from '../../domain/limits.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf, idsOf } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'

/** Brings users into a group: contacts of the caller at once, strangers by asking them. */
export async function inviteToGroup(
  ctx: Context,
  request: chat.GroupsInviteRequest,
  { user }: Identity,
): Promise<chat.GroupsInviteResponse> {
  const key = requestKey(user, 'GroupsInvite', chat.GroupsInviteRequest, request)
  const conversationId = idOf(request.conversationId, 'conversation_id')
  const userIds = idsOf(request.userIds, limits.invitedAtOnce, 'user_ids')
  ctx.security.rates.approach(user, userIds.length)
  const input = { user, conversationId, userIds }
  const answer = await commit(ctx, { name: 'inviteToGroup', input, request: key })
  const ids = (all: readonly Uint8Array[]) => all.map((each) => Buffer.from(each))
  const { joined, invited, refused } = answer
  return { joined: ids(joined), invited: ids(invited), refused: ids(refused) }
}
