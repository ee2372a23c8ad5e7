import type { chat } from '@parley/proto'
import { pictureMessage } from '../../commands/picture-message.ts'
import type { Context } from '../../context.ts'
import type { Identity } from '../../security/identity.ts'
import type { ContactLine } from '../../store/queries/contacts-page.ts'
import { optionalId } from '../checks.ts'
import { fitting, maxPictureBytes } from '../page.ts'

const pageSize = 500
/** What ids, times and tags of a contact need at most. */
const fixedBytes = 64

/** A page of the caller's contacts, open requests and blocks, in the order of user ids. */
export async function listContacts(
  ctx: Context,
  request: chat.ContactsListRequest,
  { user }: Identity,
): Promise<chat.ContactsListResponse> {
  const afterUserId = optionalId(request.afterUserId, 'after_user_id') ?? new Uint8Array()
  const lines = await ctx.journal.ask('contactsPage', { user, afterUserId, limit: pageSize + 1 })
  const page = fitting(lines.slice(0, pageSize), bytesOf)
  return { contacts: page.items.map(contact), more: page.cut || lines.length > pageSize }
}

function bytesOf({ name, nickname, remark, team, requestText }: ContactLine): number {
  return (
    fixedBytes + maxPictureBytes + Buffer.byteLength(name + nickname + remark + team + requestText)
  )
}

function contact(line: ContactLine): chat.Contact {
  const { name, nickname, remark, team, changedAtMs } = line
  return {
    userId: Buffer.from(line.publicId),
    name,
    nickname,
    // 1 to 4 in the database as on the wire.
    state: line.state as chat.ContactState,
    remark,
    team,
    blocked: line.blocked !== 0,
    text: line.requestText,
    changedAtMs,
    picture: line.picture && pictureMessage(line.picture),
  }
}
