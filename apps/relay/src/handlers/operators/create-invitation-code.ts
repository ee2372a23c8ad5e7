import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import { secretHash } from '../../security/refresh-tokens.ts'
import { numberOf } from '../checks.ts'
import { commit, operator, requestKey } from '../commit.ts'

const dayMs = 24 * 3600 * 1000
const usualMs = 7 * dayMs

/** A code by which so many users can register; only its hash is kept. */
export async function createInvitationCode(
  ctx: Context,
  request: chat.CreateInvitationCodeRequest,
): Promise<chat.CreateInvitationCodeResponse> {
  const codec = chat.CreateInvitationCodeRequest
  const key = requestKey(operator, 'CreateInvitationCode', codec, request)
  const uses = numberOf(request.uses, 'uses', 1, 1_000)
  const validMs = numberOf(request.validMs || usualMs, 'valid_ms', 60_000, 366 * dayMs)
  const code = ctx.security.invitationCode(key.id)
  const input = { codeHash: secretHash(code), uses, validMs }
  const answer = await commit(ctx, { name: 'createInvitationCode', input, request: key })
  return { code, expiresAtMs: answer.expiresAtMs }
}
