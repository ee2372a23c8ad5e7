import type { chat } from '@parley/proto'
import { row, nobodysId, shortId, long } from './cast.ts'
import type { RowsOf } from './cast.ts'

/** What contacts refuse. */
export const contactsRows: RowsOf<typeof chat.ContactsService> = {
  request: [
    row('USER_UNKNOWN', 'nobody', (c) => c.alice.contacts.request({ userId: nobodysId })),
    row('SELF', 'oneself', (c) => c.alice.contacts.request({ userId: c.alice.userId })),
    row('TEXT_TOO_LONG', 'a long text', (c) =>
      c.carol.contacts.request({ userId: c.alice.userId, text: long(513) }),
    ),
    row('BLOCKED', 'somebody who blocks', async (c) => {
      await c.bob.contacts.block({ userId: c.carol.userId })
      await c.carol.contacts.request({ userId: c.bob.userId })
    }),
    row('BLOCKED_BY_YOU', 'somebody blocked', (c) =>
      c.bob.contacts.request({ userId: c.carol.userId }),
    ),
  ],
  answer: [
    row('NO_REQUEST', 'who never asked', (c) =>
      c.alice.contacts.answer({ userId: c.carol.userId, accept: true }),
    ),
    row('USER_UNKNOWN', 'nobody', (c) => c.alice.contacts.answer({ userId: nobodysId })),
  ],
  remove: [
    row('NOT_A_CONTACT', 'a stranger', (c) => c.alice.contacts.remove({ userId: c.carol.userId })),
    row('USER_UNKNOWN', 'nobody', (c) => c.alice.contacts.remove({ userId: nobodysId })),
  ],
  block: [
    row('SELF', 'oneself', (c) => c.alice.contacts.block({ userId: c.alice.userId })),
    row('USER_UNKNOWN', 'nobody', (c) => c.alice.contacts.block({ userId: nobodysId })),
  ],
  unblock: [row('USER_UNKNOWN', 'nobody', (c) => c.alice.contacts.unblock({ userId: nobodysId }))],
  setRemark: [
    row('NOT_A_CONTACT', 'a stranger', (c) =>
      c.alice.contacts.setRemark({ userId: c.carol.userId, remark: 'x' }),
    ),
    row('TEXT_TOO_LONG', 'a long team', (c) =>
      c.alice.contacts.setRemark({ userId: c.bob.userId, team: long(65) }),
    ),
  ],
  list: [row('ID_MALFORMED', 'a short id', (c) => c.alice.contacts.list({ afterUserId: shortId }))],
}
