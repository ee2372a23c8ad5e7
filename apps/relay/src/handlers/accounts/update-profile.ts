import { chat } from '@parley/proto'
import { profileMessage } from '../../commands/profile-message.ts'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { lineOf, linesOf } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'

/** Changes what others read of the caller; what is not given stays. */
export async function updateProfile(
  ctx: Context,
  request: chat.UpdateProfileRequest,
  { user }: Identity,
): Promise<chat.UpdateProfileResponse> {
  const key = requestKey(user, 'UpdateProfile', chat.UpdateProfileRequest, request)
  const { nickname, about } = request
  const input = {
    user,
    nickname: nickname && lineOf(nickname, { field: 'nickname', maxBytes: 64 }),
    about: about && linesOf(about, { field: 'about', maxBytes: 280 }),
  }
  const answer = await commit(ctx, { name: 'updateProfile', input, request: key })
  return { profile: profileMessage({ ...answer, publicId: answer.userId }) }
}
