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
  createPictureTicket: [
    row('ATTACHMENT_UNKNOWN', 'a user without a picture', ({ alice, bob }) =>
      alice.attachments.createPictureTicket({ of: { $case: 'userId', value: bob.userId } }),
    ),
    row('ATTACHMENT_UNKNOWN', 'no user', ({ alice }) =>
      alice.attachments.createPictureTicket({ of: { $case: 'userId', value: nobodysId } }),
    ),
    row('ATTACHMENT_UNKNOWN', 'a group without a picture', ({ alice, conversationId: value }) =>
      alice.attachments.createPictureTicket({ of: { $case: 'conversationId', value } }),
    ),
    row('OWNER_MISSING', 'nothing', ({ alice }) => alice.attachments.createPictureTicket()),
    row('ID_MALFORMED', 'a short id', ({ alice }) =>
      alice.attachments.createPictureTicket({ of: { $case: 'userId', value: shortId } }),
    ),
  ],
}
