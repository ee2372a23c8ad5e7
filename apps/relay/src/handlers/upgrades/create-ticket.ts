import { issueTicket } from '@parley/auth'
import type { chat } from '@parley/proto'
import { uuidText } from '@parley/service-kit'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import { lineOf } from '../checks.ts'
import { unknownUpgrade } from './unknown-upgrade.ts'

/** A ticket for the file of a published package, for anybody who is logged in. */
export async function createTicket(
  ctx: Context,
  request: chat.UpgradesCreateTicketRequest,
  { userId }: Identity,
): Promise<chat.UpgradesCreateTicketResponse> {
  const fileId = lineOf(request.fileId, { field: 'file_id', maxBytes: 64, filled: true })
  // The files of people have ids like these: only what operators have published is given out here.
  if (!(await ctx.journal.ask('isPublished', { fileId }))) throw unknownUpgrade()
  const grant = { userId: uuidText(userId), blobId: fileId }
  const { token, expiresAtMs } = await issueTicket(ctx.signer, grant, 'files')
  return { ticket: token, expiresAtMs, url: `${ctx.config.filesPublic}/files/${fileId}` }
}
