import { chat } from '@parley/proto'
import { profileMessage } from '../../commands/profile-message.ts'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { commit, requestKey } from '../commit.ts'
import { vouchedPicture } from '../vouched-picture.ts'

/** Gives the caller another picture, or none. */
export async function setPicture(
  ctx: Context,
  request: chat.AccountsSetPictureRequest,
  caller: Identity,
): Promise<chat.AccountsSetPictureResponse> {
  const { user } = caller
  const key = requestKey(user, 'AccountsSetPicture', chat.AccountsSetPictureRequest, request)
  const { receipt } = request
  const picture = await vouchedPicture(ctx, { receipt, caller, requestId: key.id })
  const input = { user, picture }
  const answer = await commit(ctx, { name: 'setProfilePicture', input, request: key })
  return { profile: profileMessage({ ...answer, publicId: answer.userId }) }
}
