import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf, linesOf } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'

/** Asks somebody to become a contact. */
export async function requestContact(
  ctx: Context,
  request: chat.ContactsRequestRequest,
  { user }: Identity,
): Promise<chat.ContactsRequestResponse> {
  const key = requestKey(user, 'ContactsRequest', chat.ContactsRequestRequest, request)
  const text = linesOf(request.text, { field: 'text', maxBytes: 512 })
  ctx.security.rates.approach(user, 1)
  const input = { user, otherId: idOf(request.userId, 'user_id'), text }
  const answer = await commit(ctx, { name: 'requestContact', input, request: key })
  return { state: answer.state }
}
