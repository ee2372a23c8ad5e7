import type { chat } from '@parley/proto'
import type { Person } from '../relay-world.ts'
import { row, nobodysId, shortId, long } from './cast.ts'
import type { Row, RowsOf } from './cast.ts'

/** What groups refuse. */
export const groupsRows: RowsOf<typeof chat.GroupsService> = {
  create: [
    row('TEXT_EMPTY', 'no title', (c) => c.alice.groups.create({ title: ' ' })),
    row('TEXT_TOO_LONG', 'a long title', (c) => c.alice.groups.create({ title: long(129) })),
    row('TEXT_CONTROLS', 'two lines', (c) => c.alice.groups.create({ title: 'a\nb' })),
    row('TOO_MANY', 'too many users', (c) =>
      c.alice.groups.create({ title: 'x', userIds: Array<Buffer>(201).fill(nobodysId) }),
    ),
    row('ID_MALFORMED', 'a short id', (c) =>
      c.alice.groups.create({ title: 'x', userIds: [shortId] }),
    ),
  ],
  get: [...unseenGroup((caller, conversationId) => caller.groups.get({ conversationId }))],
  list: [],
  invite: [
    ...unseenGroup((caller, conversationId) => caller.groups.invite({ conversationId })),
    row('TOO_MANY', 'too many users', ({ alice, conversationId }) =>
      alice.groups.invite({ conversationId, userIds: Array<Buffer>(201).fill(nobodysId) }),
    ),
  ],
  answer: [
    row('NO_INVITATION', 'who is not invited', ({ carol, conversationId }) =>
      carol.groups.answer({ conversationId, accept: true }),
    ),
    row('NO_INVITATION', 'no group', ({ carol }) =>
      carol.groups.answer({ conversationId: nobodysId, accept: true }),
    ),
  ],
  join: [...unseenGroup((caller, conversationId) => caller.groups.join({ conversationId }))],
  leave: [...unseenGroup((caller, conversationId) => caller.groups.leave({ conversationId }))],
  remove: [
    ...unseenGroup((caller, conversationId) =>
      caller.groups.remove({ conversationId, userId: caller.userId }),
    ),
    row('ADMINS_ONLY', 'a member', ({ bob, alice, conversationId }) =>
      bob.groups.remove({ conversationId, userId: alice.userId }),
    ),
    row('SELF', 'oneself', ({ alice, conversationId }) =>
      alice.groups.remove({ conversationId, userId: alice.userId }),
    ),
    row('NOT_A_MEMBER', 'who is no member', ({ alice, carol, conversationId }) =>
      alice.groups.remove({ conversationId, userId: carol.userId }),
    ),
    row('NOT_A_MEMBER', 'nobody', ({ alice, conversationId }) =>
      alice.groups.remove({ conversationId, userId: nobodysId }),
    ),
  ],
  setRole: [
    ...unseenGroup((caller, conversationId) =>
      caller.groups.setRole({ conversationId, userId: caller.userId, role: 1 }),
    ),
    row('OWNER_ONLY', 'a member', ({ bob, conversationId }) =>
      bob.groups.setRole({ conversationId, userId: bob.userId, role: 3 }),
    ),
    row('ROLE_UNKNOWN', 'no role', ({ alice, bob, conversationId }) =>
      alice.groups.setRole({ conversationId, userId: bob.userId }),
    ),
    row('NOT_A_MEMBER', 'who is no member', ({ alice, carol, conversationId }) =>
      alice.groups.setRole({ conversationId, userId: carol.userId, role: 2 }),
    ),
  ],
  rename: [
    ...unseenGroup((caller, conversationId) =>
      caller.groups.rename({ conversationId, title: 'x' }),
    ),
    row('ADMINS_ONLY', 'a member', ({ bob, conversationId }) =>
      bob.groups.rename({ conversationId, title: 'x' }),
    ),
    row('TEXT_EMPTY', 'no title', ({ alice, conversationId }) =>
      alice.groups.rename({ conversationId }),
    ),
  ],
  setPicture: [
    ...unseenGroup((caller, conversationId) => caller.groups.setPicture({ conversationId })),
    row('ADMINS_ONLY', 'a member', ({ bob, conversationId }) =>
      bob.groups.setPicture({ conversationId }),
    ),
    row('ATTACHMENT_UNKNOWN', 'words for a receipt', ({ alice, conversationId }) =>
      alice.groups.setPicture({ conversationId, receipt: 'a receipt' }),
    ),
  ],
  dissolve: [
    ...unseenGroup((caller, conversationId) => caller.groups.dissolve({ conversationId })),
    row('OWNER_ONLY', 'a member', ({ bob, conversationId }) =>
      bob.groups.dissolve({ conversationId }),
    ),
    row('DISSOLVED', 'a group that is over', async ({ alice }) => {
      const { group } = await alice.groups.create({ title: 'short' })
      const conversationId = group?.conversationId ?? nobodysId
      await alice.groups.dissolve({ conversationId })
      await alice.groups.dissolve({ conversationId })
    }),
  ],
}

/** The refusals of every method about a group: not for outsiders, nobody's, or a direct one. */
function unseenGroup(call: (caller: Person, conversationId: Buffer) => Promise<unknown>): Row[] {
  return [
    row('GROUP_UNKNOWN', 'an outsider', (c) => call(c.carol, c.conversationId)),
    row('GROUP_UNKNOWN', 'no group', (c) => call(c.alice, nobodysId)),
    row('GROUP_UNKNOWN', 'a direct conversation', (c) => call(c.alice, c.direct)),
    row('ID_MALFORMED', 'a short id', (c) => call(c.alice, shortId)),
  ]
}
