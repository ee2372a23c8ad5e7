import type { chat } from '@parley/proto'
import { pictureMessage } from '../../commands/picture-message.ts'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf, invalid } from '../checks.ts'
import { attachmentUnknown, ticketFor } from './ticket-for.ts'

/** A ticket for a picture that the caller may see; else as if there were none. */
export async function createPictureTicket(
  ctx: Context,
  request: chat.CreatePictureTicketRequest,
  { user, userId }: Identity,
): Promise<chat.CreatePictureTicketResponse> {
  const picture = await ctx.journal.ask('visiblePicture', { user, ...asked(request) })
  if (picture === undefined) throw attachmentUnknown()
  const ticket = await ticketFor(ctx, userId, { service: 2, attachmentId: picture.imageId })
  return { ...ticket, picture: pictureMessage(picture) }
}

function asked({ of }: chat.CreatePictureTicketRequest) {
  switch (of?.$case) {
    case 'userId':
      return { of: 1, ownerId: idOf(of.value, 'user_id') } as const
    case 'conversationId':
      return { of: 2, ownerId: idOf(of.value, 'conversation_id') } as const
    case undefined:
      throw invalid('OWNER_MISSING', 'neither user_id nor conversation_id is given')
  }
}
