import { queryWords } from '../domain/grams.ts'
import type { ArgsOf, QueryName } from '../store/queries/index.ts'
import type { BusyWorld } from './busy-world.ts'

/** For every question, what it can be asked about a busy world; a new question needs a line here. */
export function everyQuestion(busy: BusyWorld): Questions {
  return { ...aboutPeople(busy), ...aboutLogs(busy), ...ofRelays(busy) }
}

type Questions = { [Name in QueryName]: ArgsOf<Name>[] }

function aboutPeople({ users, requestIds }: BusyWorld) {
  const afterUserId = new Uint8Array()
  const userIds = users.map(({ userId }) => userId)
  const pages = users.flatMap(({ user }) => [
    { user, afterUserId, limit: 100 },
    { user, afterUserId: userIds[2] ?? afterUserId, limit: 2 },
  ])
  const each = users.map(({ user }) => ({ user }))
  return {
    acquaintances: pages,
    answeredRequest: users.flatMap(({ user }) =>
      requestIds.map((requestId) => ({ user, requestId })),
    ),
    contactsPage: pages,
    credentialOf: [...each, { nameKey: '小明' }, { nameKey: 'Ann' }],
    devicesOf: each,
    usersPage: ['', 'a', 'é', '小'].map((nameKey) => ({ nameKey, afterKey: 'b', limit: 3 })),
    findUsers: ['', 'a', 'é', 'e', '小', 'A'].map((nameKey) => ({ nameKey, limit: 5 })),
    profileOf: [...userIds.map((userId) => ({ userId })), { nameKey: 'érik' }, { nameKey: 'erik' }],
    loginState: users.map(({ loginId }) => ({ loginId })),
    blockedDirects: each,
    namesakes: ['ann', 'érik', 'erik', '小明', 'nobody'].map((name) => ({
      nameKey: name,
      skeleton: name,
    })),
    visibleUsers: users.flatMap(({ user }) => [
      { user, userIds, contacts: true },
      { user, userIds, contacts: false },
      { user, userIds: [], contacts: true },
    ]),
  }
}

function aboutLogs({ users, conversations }: BusyWorld) {
  const bounds = { workMs: 60_000, texts: 10_000_000, signatures: 10_000_000 }
  const pairs = users.flatMap(({ user }) =>
    conversations.map((conversationId) => ({ user, conversationId })),
  )
  const searches = users.flatMap(({ user }) =>
    ['北京', 'tea', 'edited été'].map((query) => ({ user, query, conversationId: undefined })),
  )
  return {
    groupOf: pairs,
    groupsOf: users.map(({ user }) => ({ user })),
    visiblePicture: users.flatMap(({ user, userId }) => [
      ...conversations.map((ownerId) => ({ user, of: 2 as const, ownerId })),
      { user: 1, of: 1 as const, ownerId: userId },
    ]),
    attachmentOf: pairs.flatMap((pair) =>
      Array.from({ length: 5 }, (_, index) => ({ ...pair, seq: index + 1 })),
    ),
    conversationPage: users.flatMap(({ user }) => [
      { user, limit: 100, beforeMessage: 0 },
      { user, limit: 3, beforeMessage: 150 },
    ]),
    dissolvedGroups: [{ limit: 10 }],
    holdOutbox: [{ service: 1, limit: 500 }],
    logPage: pairs.flatMap((pair) => [
      { ...pair, beforeSeq: 0, limit: 300 },
      { ...pair, beforeSeq: 9, limit: 4 },
    ]),
    fullBlocks: [{ after: undefined }, { after: 0 }],
    searchLogs: [...searches, ...pairs.map((pair) => ({ ...pair, query: 'cake' }))].map(
      ({ query, ...where }) => ({ ...where, words: queryWords(query), limit: 500, bounds }),
    ),
  }
}

function ofRelays({ world, users, conversations: ids }: BusyWorld) {
  const conversations = ids.map((conversationId) => world.conversation(conversationId))
  const numbers = users.map(({ user }) => user)
  const none = new Uint8Array(16)
  return {
    readCount: conversations.map((conversation) => ({ conversation })),
    heads: [{ conversations }],
    leaseHolders: [{ names: ['upkeep', 'device/1'] }],
    loginEnds: [{ loginIds: [...users.map(({ loginId }) => loginId), none] }],
    routes: [{ conversations, users: numbers }],
    standings: [{ users: numbers }],
    stayCounts: [{ users: numbers }],
    currentUpgrades: [null],
    isPublished: ['f1', 'f4', 'f9'].map((fileId) => ({ fileId })),
    upgradeOf: ['stable', 'beta', 'none'].map((channel) => ({ channel, platform: 'linux-x64' })),
    signingKeys: [{ issuer: 'relay', nowMs: world.clock.nowMs }],
    staysOf: numbers.flatMap((user) =>
      conversations.map((conversation) => ({ user, conversation })),
    ),
    sessionView: numbers.flatMap((user) => [
      { user, device: user },
      { user, device: user, conversation: conversations.at(-1) ?? 0 },
    ]),
  }
}
