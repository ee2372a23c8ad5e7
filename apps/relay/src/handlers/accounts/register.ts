import { AppError } from '@parley/errors'
import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { nameReasons, parseName } from '../../domain/names.ts'
import type { Name } from '../../domain/names.ts'
import { secretHash } from '../../security/refresh-tokens.ts'
import { invalid } from '../checks.ts'
import { nobody, requestKey } from '../commit.ts'
import { refusalError } from '../refusals.ts'
import { credentials } from './credentials.ts'
import { newLogin } from './new-login.ts'
import { newPassword } from './new-password.ts'

/** Makes an account and logs its first device in. */
export async function register(
  ctx: Context,
  request: chat.RegisterRequest,
  address: string,
): Promise<chat.RegisterResponse> {
  const codec = chat.RegisterRequest
  const key = requestKey(nobody, 'Register', codec, request, { password: '' })
  const login = newLogin(ctx, request, key.id)
  const name = nameOf(request.name)
  const codeHash = codeHashOf(ctx, request.invitationCode)
  ctx.security.rates.register(address)
  const password = await newPassword(ctx, request.password, name.name)

  const { key: nameKey, skeleton } = name
  const input = { ...login, name: name.name, nameKey, skeleton, password, codeHash }
  const outcome = await ctx.commits.run({ name: 'registerAccount', input, request: key })
  if (!outcome.ok) throw refusalError(outcome)
  if (outcome.duplicate) await provePassword(ctx, nameKey, request.password)
  const { answer } = outcome
  const token = ctx.security.refresh.first(answer.loginId, key.id)
  return { credentials: await credentials(ctx, answer, token) }
}

function nameOf(text: string): Name {
  const name = parseName(text)
  if (typeof name === 'string') throw invalid(name, nameReasons[name])
  return name
}

function codeHashOf(ctx: Context, code: string): Uint8Array | undefined {
  switch (ctx.config.registration) {
    case 'open':
      return undefined
    case 'closed':
      throw new AppError('forbidden', 'REGISTRATION_CLOSED', 'nobody can register here')
    case 'invitation':
      return secretHash(code.trim().toLowerCase())
  }
}

// Who knows a request id alone must not get the tokens that it led to.
async function provePassword(ctx: Context, nameKey: string, password: string): Promise<void> {
  const known = await ctx.journal.ask('credentialOf', { nameKey })
  if (await ctx.security.passwords.verify(known?.password, password)) return
  throw new AppError('conflict', 'ID_CONFLICT', 'another request was made under this id')
}
