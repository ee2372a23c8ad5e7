import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import type { Role } from '../../store/tx.ts'
import { idOf, invalid } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'

/** Gives a member another role. */
export async function setRole(
  ctx: Context,
  request: chat.SetRoleRequest,
  { user }: Identity,
): Promise<chat.SetRoleResponse> {
  const key = requestKey(user, 'SetRole', chat.SetRoleRequest, request)
  const conversationId = idOf(request.conversationId, 'conversation_id')
  const otherId = idOf(request.userId, 'user_id')
  const input = { user, conversationId, otherId, role: roleOf(request.role) }
  await commit(ctx, { name: 'setRole', input, request: key })
  return {}
}

function roleOf(role: chat.Role): Role {
  if (role === 1 || role === 2 || role === 3) return role
  throw invalid('ROLE_UNKNOWN', 'a role is member, admin or owner')
}
