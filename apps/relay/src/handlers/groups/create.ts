import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { limits } from '../../domain/limits.ts'
import type { Identity } from '../../security/identity.ts'
import { idsOf } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'
import { titleOf } from './title.ts'

/** Makes a group that the caller owns. */
export async function createGroup(
  ctx: Context,
  request: chat.GroupsCreateRequest,
  { user }: Identity,
): Promise<chat.GroupsCreateResponse> {
  const key = requestKey(user, 'GroupsCreate', chat.GroupsCreateRequest, request)
  const title = titleOf(request.title)
  const userIds = idsOf(request.userIds, limits.invitedAtOnce, 'user_ids')
  ctx.security.rates.approach(user, userIds.length)
  const input = { user, title, open: request.open, userIds }
  const answer = await commit(ctx, { name: 'createGroup', input, request: key })
  const group = chat.Group.create({
    conversationId: Buffer.from(answer.conversationId),
    title,
    open: request.open,
    memberCount: answer.members,
    role: chat.Role.OWNER,
  })
  return { group }
}
