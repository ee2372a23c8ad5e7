import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { nameKey } from '../../domain/names.ts'
import { lineOf } from '../checks.ts'
import { commit, operator, requestKey } from '../commit.ts'

/** Shuts a user out, whose streams end, or lets one in again. */
export async function setDisabled(
  ctx: Context,
  request: chat.SetDisabledRequest,
): Promise<chat.SetDisabledResponse> {
  const key = requestKey(operator, 'SetDisabled', chat.SetDisabledRequest, request)
  const name = lineOf(request.name, { field: 'name', maxBytes: 128, filled: true })
  const input = { nameKey: nameKey(name), disabled: request.disabled }
  await commit(ctx, { name: 'setDisabled', input, request: key })
  return {}
}
