import type { chat } from '@parley/proto'
import { row, nobodysId, shortId } from './cast.ts'
import type { RowsOf } from './cast.ts'

/** What attachments refuse. */
export const attachmentsRows: RowsOf<typeof chat.AttachmentsService> = {
  createTicket: [
    row('ATTACHMENT_UNKNOWN', 'an entry without one', ({ alice, direct }) =>
      alice.attachments.createTicket({ conversationId: direct, seq: 1 }),
    ),
    row('ATTACHMENT_UNKNOWN', 'no entry', ({ alice, direct }) =>
      alice.attachments.createTicket({ conversationId: direct, seq: 99 }),
    ),
    row('ATTACHMENT_UNKNOWN', "others' conversation", ({ carol, direct }) =>
      carol.attachments.createTicket({ conversationId: direct, seq: 1 }),
    ),
    row('ATTACHMENT_UNKNOWN', 'no conversation', ({ alice }) =>
      alice.attachments.createTicket({ conversationId: nobodysId, seq: 1 }),
    ),
    row('ID_MALFORMED', 'a short id', ({ alice }) =>
      alice.attachments.createTicket({ conversationId: shortId, seq: 1 }),
    ),
  ],
}
