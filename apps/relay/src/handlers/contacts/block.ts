import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'

/** From now on the other's messages, requests and invitations are refused. */
export async function blockUser(
  ctx: Context,
  request: chat.BlockRequest,
  { user }: Identity,
): Promise<chat.BlockResponse> {
  const key = requestKey(user, 'Block', chat.BlockRequest, request)
  const input = { user, otherId: idOf(request.userId, 'user_id') }
  await commit(ctx, { name: 'blockUser', input, request: key })
  return {}
}
