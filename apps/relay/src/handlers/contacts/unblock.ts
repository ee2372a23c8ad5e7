import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'

/** Ends a block. */
export async function unblockUser(
  ctx: Context,
  request: chat.UnblockRequest,
  { user }: Identity,
): Promise<chat.UnblockResponse> {
  const key = requestKey(user, 'Unblock', chat.UnblockRequest, request)
  const input = { user, otherId: idOf(request.userId, 'user_id') }
  await commit(ctx, { name: 'unblockUser', input, request: key })
  return {}
}
