import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'

/** Accepts or refuses somebody's request. */
export async function answerContact(
  ctx: Context,
  request: chat.ContactsAnswerRequest,
  { user }: Identity,
): Promise<chat.ContactsAnswerResponse> {
  const key = requestKey(user, 'ContactsAnswer', chat.ContactsAnswerRequest, request)
  const input = { user, otherId: idOf(request.userId, 'user_id'), accept: request.accept }
  const answer = await commit(ctx, { name: 'answerContact', input, request: key })
  return { state: answer.state }
}
