import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'

/** Ends being contacts. */
export async function removeContact(
  ctx: Context,
  request: chat.ContactsRemoveRequest,
  { user }: Identity,
): Promise<chat.ContactsRemoveResponse> {
  const key = requestKey(user, 'ContactsRemove', chat.ContactsRemoveRequest, request)
  const input = { user, otherId: idOf(request.userId, 'user_id') }
  await commit(ctx, { name: 'removeContact', input, request: key })
  return {}
}
