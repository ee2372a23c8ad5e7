import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf, lineOf } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'

/** Gives a contact the caller's own name and group of contacts. */
export async function setRemark(
  ctx: Context,
  request: chat.SetRemarkRequest,
  { user }: Identity,
): Promise<chat.SetRemarkResponse> {
  const key = requestKey(user, 'SetRemark', chat.SetRemarkRequest, request)
  const { remark, team } = request
  const input = {
    user,
    otherId: idOf(request.userId, 'user_id'),
    remark: remark && lineOf(remark, { field: 'remark', maxBytes: 64 }),
    team: team && lineOf(team, { field: 'team', maxBytes: 64 }),
  }
  await commit(ctx, { name: 'setRemark', input, request: key })
  return {}
}
