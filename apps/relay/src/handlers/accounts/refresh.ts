import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { secretHash } from '../../security/refresh-tokens.ts'
import { idOf } from '../checks.ts'
import { commit } from '../commit.ts'
import { credentials } from './credentials.ts'

/** Exchanges a refresh token for fresh credentials. */
export async function refresh(
  ctx: Context,
  request: chat.RefreshRequest,
  address: string,
): Promise<chat.RefreshResponse> {
  const requestId = idOf(request.requestId, 'request_id')
  ctx.security.rates.refresh(address)
  const token = request.refreshToken
  const loginId = ctx.security.refresh.loginOf(token)
  if (loginId === undefined) throw ended('TOKEN_INVALID', 'this is no refresh token')

  const next = ctx.security.refresh.next(token, requestId)
  const [hash, nextHash] = [secretHash(token), secretHash(next)]
  const answer = await commit(ctx, {
    name: 'rotateRefresh',
    input: { loginId, hash, requestId, nextHash },
  })
  if (answer.state === 'renewed') return { credentials: await credentials(ctx, answer.login, next) }
  ctx.security.tokens.ended(loginId)
  ctx.events.refreshReused(loginId)
  throw ended('TOKEN_REUSED', 'this token was used before; the login has ended, log in again')
}

function ended(reason: string, message: string): AppError {
  return new AppError('unauthenticated', reason, message)
}
