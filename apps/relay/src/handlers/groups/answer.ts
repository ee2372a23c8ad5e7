import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'

/** Accepts or refuses an invitation. */
export async function answerInvitation(
  ctx: Context,
  request: chat.GroupsAnswerRequest,
  { user }: Identity,
): Promise<chat.GroupsAnswerResponse> {
  const key = requestKey(user, 'GroupsAnswer', chat.GroupsAnswerRequest, request)
  const conversationId = idOf(request.conversationId, 'conversation_id')
  const input = { user, conversationId, accept: request.accept }
  await commit(ctx, { name: 'answerInvitation', input, request: key })
  return {}
}
