import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { nameKey } from '../../domain/names.ts'
import { newPassword } from '../accounts/new-password.ts'
import { lineOf } from '../checks.ts'
import { commit, operator, requestKey } from '../commit.ts'

/** Gives a user another password; every login ends. */
export async function resetPassword(
  ctx: Context,
  request: chat.ResetPasswordRequest,
): Promise<chat.ResetPasswordResponse> {
  const secrets = { newPassword: '' }
  const codec = chat.ResetPasswordRequest
  const key = requestKey(operator, 'ResetPassword', codec, request, secrets)
  const name = lineOf(request.name, { field: 'name', maxBytes: 128, filled: true })
  const password = await newPassword(ctx, request.newPassword, name)
  const input = { nameKey: nameKey(name), password }
  await commit(ctx, { name: 'resetPassword', input, request: key })
  return {}
}
