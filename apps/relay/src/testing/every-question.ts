import { queryWords } from '../domain/grams.ts'
import type { ArgsOf, QueryName } from '../store/queries/index.ts'
import type { BusyWorld } from './busy-world.ts'

/** For every question, what it can be asked about a busy world; a new question needs a line here. */
export function everyQuestion(busy: BusyWorld): { [Name in QueryName]: ArgsOf<Name>[] } {
  const { world, users, conversations: ids, requestIds } = busy
  const all = ids.map((conversationId) => world.conversation(conversationId))
  const afterUserId = new Uint8Array()
  const bounds = { workMs: 60_000, texts: 10_000_000, signatures: 10_000_000 }
  const each = <Args>(make: (user: number) => Args) => users.map(({ user }) => make(user))
  const pairs = <Args>(make: (user: number, id: Uint8Array) => Args) =>
    users.flatMap(({ user }) => ids.map((id) => make(user, id)))
  const userIds = users.map(({ userId }) => userId)
  const pages = (user: number) => [
    { user, afterUserId, limit: 100 },
    { user, afterUserId: userIds[2] ?? afterUserId, limit: 2 },
  ]
  const find = (user: number, query: string, conversationId?: Uint8Array) => {
    return { user, words: queryWords(query), conversationId, limit: 500, bounds }
  }
  return {
    acquaintances: users.flatMap(({ user }) => pages(user)),
    answeredRequest: pairs((user) => ({ user, requestId: requestIds[0] ?? afterUserId })),
    contactsPage: users.flatMap(({ user }) => pages(user)),
    credentialOf: [...each((user) => ({ user })), { nameKey: '小明' }, { nameKey: 'Ann' }],
    devicesOf: each((user) => ({ user })),
    usersPage: ['', 'a', 'é', '小'].map((nameKey) => ({ nameKey, afterKey: 'b', limit: 3 })),
    findUsers: ['', 'a', 'é', 'e', '小', 'A'].map((nameKey) => ({ nameKey, limit: 5 })),
    groupOf: pairs((user, conversationId) => ({ user, conversationId })),
    groupsOf: each((user) => ({ user })),
    profileOf: [...userIds.map((userId) => ({ userId })), { nameKey: 'érik' }, { nameKey: 'erik' }],
    loginState: users.map(({ loginId }) => ({ loginId })),
    attachmentOf: pairs((user, conversationId) =>
      Array.from({ length: 12 }, (_, i) => ({ user, conversationId, seq: i + 1 })),
    ).flat(),
    blockedDirects: each((user) => ({ user })),
    conversationPage: users.flatMap(({ user }) => [
      { user, limit: 100, beforeMessage: 0 },
      { user, limit: 3, beforeMessage: 150 },
    ]),
    holdOutbox: [{ service: 1, limit: 500 }],
    logPage: pairs((user, conversationId) => [
      { user, conversationId, beforeSeq: 0, limit: 300 },
      { user, conversationId, beforeSeq: 9, limit: 4 },
    ]).flat(),
    fullBlocks: [{ after: undefined }, { after: 0 }],
    searchLogs: [
      ...each((user) => find(user, '北京')),
      ...each((user) => find(user, 'tea')),
      ...each((user) => find(user, 'edited été')),
      ...pairs((user, id) => find(user, 'cake', id)),
    ],
    readCount: all.map((conversation) => ({ conversation })),
    heads: [{ conversations: all }],
    loginEnds: [{ loginIds: [...users.map(({ loginId }) => loginId), new Uint8Array(16)] }],
    routes: [{ conversations: all, users: users.map(({ user }) => user) }],
    stayCounts: [{ users: users.map(({ user }) => user) }],
    staysOf: users.flatMap(({ user }) => all.map((conversation) => ({ user, conversation }))),
    sessionView: users.flatMap(({ user }) => [
      { user, device: user },
      { user, device: user, conversation: all.at(-1) ?? 0 },
    ]),
    visibleUsers: users.flatMap(({ user }) => [
      { user, userIds, contacts: true },
      { user, userIds, contacts: false },
      { user, userIds: [], contacts: true },
    ]),
  }
}
