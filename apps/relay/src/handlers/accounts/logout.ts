import { bearerToken } from '@parley/grpc-kit'
import type { CallInfo } from '@parley/grpc-kit'
import type { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { callerAddress } from '../../security/caller-address.ts'
import { idOf } from '../checks.ts'
import { commit } from '../commit.ts'

/** Ends the caller's login; repeated, it finds it ended and answers the same. */
export async function logout(
  ctx: Context,
  request: chat.LogoutRequest,
  call: CallInfo,
): Promise<chat.LogoutResponse> {
  const { tokens, rates } = ctx.security
  // Not of its user: the token of an ended login is good enough here, and must not use up theirs.
  rates.refresh(callerAddress(call.peer))
  const loginId = await tokens.readLogin(bearerToken(call.metadata))
  idOf(request.requestId, 'request_id')
  await commit(ctx, { name: 'endLogin', input: { loginId } })
  tokens.ended(loginId)
  return {}
}
