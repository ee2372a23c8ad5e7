import { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf } from '../checks.ts'
import { commit, requestKey } from '../commit.ts'
import { vouchedPicture } from '../vouched-picture.ts'

/** Gives a group another picture, or none. */
export async function setPicture(
  ctx: Context,
  request: chat.GroupsSetPictureRequest,
  caller: Identity,
): Promise<chat.GroupsSetPictureResponse> {
  const { user } = caller
  const key = requestKey(user, 'GroupsSetPicture', chat.GroupsSetPictureRequest, request)
  const conversationId = idOf(request.conversationId, 'conversation_id')
  const { receipt } = request
  const picture = await vouchedPicture(ctx, { receipt, caller, requestId: key.id })
  await commit(ctx, {
    name: 'setGroupPicture',
    input: { user, conversationId, picture },
    request: key,
  })
  return {}
}
