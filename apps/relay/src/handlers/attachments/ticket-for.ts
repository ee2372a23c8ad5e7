import { issueTicket } from '@parley/auth'
import { AppError } from '@parley/errors'
import { uuidText } from '@parley/service-kit'
import type { Context } from '../../context.ts'

/** Where to go with a ticket, and until when. */
export interface TicketAnswer {
  readonly ticket: string
  readonly expiresAtMs: number
  readonly url: string
}

/** A ticket for one file (service 1) or image (service 2). */
export async function ticketFor(
  ctx: Pick<Context, 'config' | 'signer'>,
  userId: Uint8Array,
  { service, attachmentId }: { readonly service: number; readonly attachmentId: string },
): Promise<TicketAnswer> {
  const { filesPublic, imagesPublic } = ctx.config
  const [audience, url] =
    service === 1
      ? (['files', `${filesPublic}/files/${attachmentId}`] as const)
      : (['images', `${imagesPublic}/images/${attachmentId}`] as const)
  const grant = { userId: uuidText(userId), blobId: attachmentId }
  const { token, expiresAtMs } = await issueTicket(ctx.signer, grant, audience)
  return { ticket: token, expiresAtMs, url }
}

/** The one answer for what is missing and what is not for the caller. */
export function attachmentUnknown(): AppError {
  return new AppError('not-found', 'ATTACHMENT_UNKNOWN', 'there is no such attachment')
}
