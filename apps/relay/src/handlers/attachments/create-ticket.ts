import type { chat } from '@parley/proto'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf } from '../checks.ts'
import { attachmentUnknown, ticketFor } from './ticket-for.ts'

/** A ticket for the file or image of an entry that the caller can see; else as if there were none. */
export async function createTicket(
  ctx: Context,
  request: chat.CreateTicketRequest,
  { user, userId }: Identity,
): Promise<chat.CreateTicketResponse> {
  const conversationId = idOf(request.conversationId, 'conversation_id')
  const found = await ctx.journal.ask('attachmentOf', { user, conversationId, seq: request.seq })
  if (found === undefined) throw attachmentUnknown()
  return ticketFor(ctx, userId, found)
}
