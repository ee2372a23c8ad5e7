import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'
import { titleOf } from './title.ts'

/** Gives a group another title. */
export async function renameGroup(
  ctx: Context,
  request: chat.RenameRequest,
  { user }: Identity,
): Promise<chat.RenameResponse> {
  const key = requestKey(user, 'Rename', chat.RenameRequest, request)
  const conversationId = idOf(request.conversationId, 'conversation_id')
  const input = { user, conversationId, title: titleOf(request.title) }
  await commit(ctx, { name: 'renameGroup', input, request: key })
  return {}
}
