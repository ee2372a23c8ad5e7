import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { maxNameChars, nameKey } from '../../domain/names.ts'
import type { Credential } from '../../store/queries/credential-of.ts'
import { commit, requestKey } from '../commit.ts'
import { credentials } from './credentials.ts'
import { newLogin } from './new-login.ts'

/** Logs a device in with name and password. */
export async function login(
  ctx: Context,
  request: chat.LoginRequest,
  address: string,
): Promise<chat.LoginResponse> {
  const codec = chat.LoginRequest
  const key = requestKey(0, 'Login', codec, request, { password: '' })
  const made = newLogin(ctx, request, key.id)
  const known = await credentialOf(ctx, request, address)

  const { passwords, refresh } = ctx.security
  const isStale = passwords.isStale(known.password)
  const rehashed = isStale ? await passwords.hash(request.password) : undefined
  const input = { ...made, user: known.user, verified: known.password, rehashed }
  const command = { name: 'createLogin', input, request: { ...key, user: known.user } } as const
  const answer = await commit(ctx, command)
  return { credentials: await credentials(ctx, answer, refresh.first(answer.loginId, key.id)) }
}

// An unknown name costs as much and is answered alike.
async function credentialOf(
  ctx: Context,
  { name, password }: chat.LoginRequest,
  address: string,
): Promise<Credential> {
  const { passwords, rates } = ctx.security
  const key = nameKey(name.slice(0, maxNameChars * 4))
  rates.login(address, key)
  const known = await ctx.journal.ask('credentialOf', { nameKey: key })
  const matches = await passwords.verify(known?.password, password)
  if (matches && known !== undefined) {
    rates.loginSucceeded(address, key)
    return known
  }
  rates.loginFailed(address, key)
  ctx.events.loginRefused(address)
  throw new AppError('unauthenticated', 'CREDENTIALS_INVALID', 'the name or password is wrong')
}
