import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { groupReasons } from '../../domain/group-rules.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf } from '../checks.ts'
import { group, members } from './group.ts'

/** A group that the caller is in, with its members, or is invited to. */
export async function getGroup(
  ctx: Context,
  request: chat.GroupsGetRequest,
  { user }: Identity,
): Promise<chat.GroupsGetResponse> {
  const conversationId = idOf(request.conversationId, 'conversation_id')
  const found = await ctx.journal.ask('groupOf', { user, conversationId })
  if (found === undefined) {
    throw new AppError('not-found', 'GROUP_UNKNOWN', groupReasons.GROUP_UNKNOWN)
  }
  return { group: { ...group(found.group), members: members(found.members) } }
}
