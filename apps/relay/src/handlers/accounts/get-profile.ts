import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import { profileMessage } from '../../commands/profile-message.ts'
import type { Context } from '../../context.ts'
import { maxNameChars, nameKey } from '../../domain/names.ts'
import { idOf, invalid } from '../checks.ts'

/** What others read of a user, by id or by name. */
export async function getProfile(
  ctx: Context,
  request: chat.GetProfileRequest,
): Promise<chat.GetProfileResponse> {
  const found = await ctx.journal.ask('profileOf', asked(request))
  if (found === undefined) throw new AppError('not-found', 'USER_UNKNOWN', 'there is no such user')
  return { profile: profileMessage(found) }
}

function asked({ user }: chat.GetProfileRequest) {
  switch (user?.$case) {
    case 'userId':
      return { userId: idOf(user.value, 'user_id') }
    case 'name':
      return { nameKey: nameKey(user.value.slice(0, maxNameChars * 4)) }
    case undefined:
      throw invalid('USER_MISSING', 'neither user_id nor name is given')
  }
}
