import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { nameKey } from '../../domain/names.ts'
import type { Identity } from '../../security/identity.ts'
import { commit, requestKey } from '../commit.ts'
import { newPassword } from './new-password.ts'

/** Gives the caller another password; every other login ends. */
export async function changePassword(
  ctx: Context,
  request: chat.ChangePasswordRequest,
  caller: Identity,
): Promise<chat.ChangePasswordResponse> {
  const { user, userName } = caller
  const secrets = { oldPassword: '', newPassword: '' }
  const key = requestKey(user, 'ChangePassword', chat.ChangePasswordRequest, request, secrets)
  // Once carried out, the old password is wrong; a repetition asks for the answer only.
  const isRepeat = await ctx.journal.ask('answeredRequest', { user, requestId: key.id })
  const verified = isRepeat ? '' : await oldPassword(ctx, request.oldPassword, caller)
  const password = isRepeat ? '' : await newPassword(ctx, request.newPassword, userName)
  const input = { user, verified, password, loginId: caller.login }
  await commit(ctx, { name: 'changePassword', input, request: key })
  return {}
}

async function oldPassword(
  ctx: Context,
  password: string,
  { user, userName }: Identity,
): Promise<string> {
  const { passwords, rates } = ctx.security
  // As a login from nowhere else: a stolen token is no way to guess the password.
  const key = nameKey(userName)
  rates.login(`user ${user}`, key)
  const known = await ctx.journal.ask('credentialOf', { user })
  if (known !== undefined && (await passwords.verify(known.password, password))) {
    rates.loginSucceeded(`user ${user}`, key)
    return known.password
  }
  rates.loginFailed(`user ${user}`, key)
  throw new AppError('unauthenticated', 'CREDENTIALS_INVALID', 'the old password is wrong')
}
