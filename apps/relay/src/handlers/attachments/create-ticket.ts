import { issueTicket } from '@parley/auth'
import { AppError } from '@parley/errors'
import type { chat } from '@parley/proto'
import { uuidText } from '@parley/service-kit'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { idOf } from '../checks.ts'

/** A ticket for the file or image of an entry that the caller can see; else as if there were none. */
export async function createTicket(
  ctx: Context,
  request: chat.CreateTicketRequest,
  { user, userId }: Identity,
): Promise<chat.CreateTicketResponse> {
  const conversationId = idOf(request.conversationId, 'conversation_id')
  const found = await ctx.journal.ask('attachmentOf', { user, conversationId, seq: request.seq })
  if (found === undefined) {
    throw new AppError('not-found', 'ATTACHMENT_UNKNOWN', 'there is no such attachment')
  }
  const grant = { userId: uuidText(userId), blobId: found.attachmentId }
  const { filesPublic, imagesPublic } = ctx.config
  const [audience, url] =
    found.service === 1
      ? (['files', `${filesPublic}/files/${found.attachmentId}`] as const)
      : (['images', `${imagesPublic}/images/${found.attachmentId}`] as const)
  const { token, expiresAtMs } = await issueTicket(ctx.signer, grant, audience)
  return { ticket: token, expiresAtMs, url }
}
