import type { chat } from '@parley/proto'
import type { Actor } from './cast.ts'
import { bytesOf } from './bytes-of.ts'
import type { Stage } from './stage.ts'

/**
 * What an actor gets: `ok`; `missing`, the very same answer as for what never existed; or the reason
 * that somebody is told who may know that it exists.
 */
type Verdict = string

/** What all actors get for one object, by those who do not get what `others` get. */
export type Row = Readonly<Partial<Record<Actor, Verdict>>> & { readonly others: Verdict }

/** How a method is asked about objects, and what is to be answered. */
export interface Asked<Req> {
  /** The request that names one object; `never` names what never existed. */
  readonly request: (name: string, stage: Stage, actor: Actor) => Partial<Req>
  readonly objects: Readonly<Record<string, Row>>
}

type RequestOf<Method> = Method extends {
  readonly requestSerialize: (request: infer Req) => Buffer
}
  ? Req
  : never
type AskedOf<Service> = { readonly [Name in keyof Service]?: Asked<RequestOf<Service[Name]>> }

const members = { owner: 'ok', admin: 'ok', member: 'ok' } as const
const membersOnly: Row = { ...members, others: 'missing' }
const nobody: Row = { others: 'missing' }
const everybody: Row = { others: 'ok' }
const dissolved = { owner: 'DISSOLVED', admin: 'DISSOLVED', member: 'DISSOLVED' } as const
const noChange: Row = { ...dissolved, others: 'missing' }

/** A group of the stage by its name, or a conversation that is none, or none. */
function conversationId(name: string, stage: Stage): Buffer {
  switch (name) {
    case 'closed':
    case 'open':
    case 'dissolved':
    case 'direct':
      return stage[name].id
    default:
      return neverId
  }
}
const neverId = Buffer.alloc(16, 7)

interface OfGroup {
  readonly conversationId: Buffer
}

type More<Req> = (stage: Stage, actor: Actor) => Partial<Req>

/** The same rule for an open and a closed group; dissolved ones tell it to who was in them last. */
function ofGroup<Req extends OfGroup>(row: Row, more: More<Req> = () => ({})) {
  return {
    request: (name: string, stage: Stage, actor: Actor) =>
      ({ ...more(stage, actor), conversationId: conversationId(name, stage) }) as Partial<Req>,
    objects: { closed: row, open: row, dissolved: noChange, direct: nobody },
  }
}

const adminsOnly: Row = { ...membersOnly, member: 'ADMINS_ONLY' }
const ownerOnly: Row = { ...adminsOnly, admin: 'OWNER_ONLY', member: 'OWNER_ONLY' }

/** Groups: a group that one is not in, or not any more, is as one that never was. */
export const groupsAsked: AskedOf<typeof chat.GroupsService> = {
  get: {
    ...ofGroup<chat.GroupsGetRequest>({ ...membersOnly, invited: 'ok' }),
    objects: {
      closed: { ...membersOnly, invited: 'ok' },
      open: { ...membersOnly, invited: 'ok' },
      dissolved: membersOnly,
      direct: nobody,
    },
  },
  invite: ofGroup<chat.GroupsInviteRequest>(membersOnly, ({ cast }) => ({
    userIds: [bytesOf(cast.outsider)],
  })),
  answer: {
    ...ofGroup<chat.GroupsAnswerRequest>(nobody, () => ({ accept: true })),
    objects: {
      // For members it was accepted before: nothing changes.
      closed: { ...membersOnly, invited: 'ok' },
      open: { ...membersOnly, invited: 'ok' },
      dissolved: membersOnly,
      direct: nobody,
    },
  },
  join: {
    ...ofGroup<chat.GroupsJoinRequest>(nobody),
    objects: {
      closed: { ...membersOnly, invited: 'ok' },
      open: { removed: 'missing', others: 'ok' },
      dissolved: membersOnly,
      direct: nobody,
    },
  },
  leave: ofGroup<chat.GroupsLeaveRequest>(membersOnly),
  remove: ofGroup<chat.GroupsRemoveRequest>(adminsOnly, ({ cast }, actor) => ({
    userId: bytesOf(actor === 'member' ? cast.admin : cast.member),
  })),
  setRole: ofGroup<chat.SetRoleRequest>(ownerOnly, ({ cast }) => ({
    userId: bytesOf(cast.member),
    role: 2,
  })),
  rename: ofGroup<chat.RenameRequest>(adminsOnly, () => ({ title: 'another' })),
  setPicture: ofGroup<chat.GroupsSetPictureRequest>(adminsOnly),
  dissolve: ofGroup<chat.DissolveRequest>(ownerOnly),
}

/** History: whoever was a member reads what came until the end of the stay. */
const readers: Row = { ...membersOnly, left: 'ok', removed: 'ok' }
const ofTwo: Row = { owner: 'ok', member: 'ok', others: 'missing' }

export const historyAsked: AskedOf<typeof chat.HistoryService> = {
  listMessages: {
    request: (name, stage) => ({ conversationId: conversationId(name, stage) }),
    objects: { closed: readers, open: readers, dissolved: readers, direct: ofTwo },
  },
  search: {
    request: (name, stage) => ({
      query: name === 'direct' ? 'hello' : 'xylophone',
      conversationId: conversationId(name, stage),
    }),
    objects: { closed: readers, open: readers, direct: ofTwo },
  },
}

/** Attachments: tickets are for those who are in the conversation now. */
export const attachmentsAsked: AskedOf<typeof chat.AttachmentsService> = {
  createTicket: {
    request(name, stage) {
      const { closed, direct } = stage
      switch (name) {
        case 'early file':
          return { conversationId: closed.id, seq: closed.earlySeq }
        case 'late file':
          return { conversationId: closed.id, seq: closed.lateSeq }
        case 'recalled file':
          return { conversationId: closed.id, seq: closed.recalledSeq }
        case 'entry without one':
          return { conversationId: closed.id, seq: 1 }
        case 'file of two':
          return { conversationId: direct.id, seq: direct.seq }
        case 'file of a dissolved group':
          return { conversationId: stage.dissolved.id, seq: stage.dissolved.earlySeq }
        default:
          return { conversationId: neverId, seq: 1 }
      }
    },
    objects: {
      'early file': membersOnly,
      'late file': membersOnly,
      'recalled file': nobody,
      'entry without one': nobody,
      'file of two': ofTwo,
      'file of a dissolved group': nobody,
    },
  },
  createPictureTicket: {
    request(name, stage) {
      const { cast, ended } = stage
      switch (name) {
        case 'of a user':
          return { of: { $case: 'userId', value: bytesOf(cast.owner) } }
        case 'of a user without':
          return { of: { $case: 'userId', value: bytesOf(cast.member) } }
        case 'of a user shut out':
          return { of: { $case: 'userId', value: ended.userId } }
        case 'of a group':
          return { of: { $case: 'conversationId', value: stage.closed.id } }
        case 'of a group without':
          return { of: { $case: 'conversationId', value: stage.open.id } }
        case 'of two':
          return { of: { $case: 'conversationId', value: stage.direct.id } }
        default:
          return { of: { $case: 'userId', value: neverId } }
      }
    },
    objects: {
      'of a user': everybody,
      'of a user without': nobody,
      'of a user shut out': nobody,
      'of a group': { ...membersOnly, invited: 'ok' },
      'of a group without': nobody,
      'of two': nobody,
    },
  },
}

/** Upgrades: what operators have published is for everybody, and no other file is theirs. */
export const upgradesAsked: AskedOf<typeof chat.UpgradesService> = {
  latest: {
    request: (name, { published: { channel, platform } }) =>
      name === 'published' ? { channel, platform } : { channel: 'never', platform },
    objects: { published: everybody },
  },
  createTicket: {
    request(name, { published, files }) {
      if (name === 'published') return { fileId: published.fileId }
      return { fileId: name === 'file of a user' ? files[0].id : 'f'.repeat(27) }
    },
    objects: { published: everybody, 'file of a user': nobody },
  },
}

/** Accounts: profiles are for everybody; a device is its user's only. */
export const accountsAsked: AskedOf<typeof chat.AccountsService> = {
  getProfile: {
    request: (name, { cast, ended }) => ({
      user: {
        $case: 'userId',
        value:
          name === 'a user' ? bytesOf(cast.owner) : name === 'shut out' ? ended.userId : neverId,
      },
    }),
    objects: { 'a user': everybody, 'shut out': nobody },
  },
  revokeDevice: {
    request: (name, { spareDeviceId }) => ({
      deviceId: name === "the member's device" ? spareDeviceId : neverId,
    }),
    objects: { "the member's device": { member: 'ok', others: 'missing' } },
  },
}

/** Contacts: that a user exists is no secret; how two stand to each other decides. */
const known: Row = { owner: 'SELF', others: 'ok' }
const ofContacts: Row = {
  owner: 'SELF',
  invited: 'NOT_A_CONTACT',
  outsider: 'NOT_A_CONTACT',
  others: 'ok',
}

function ofOwner<Req extends { readonly userId: Buffer }>(row: Row, more: Partial<Req> = {}) {
  return {
    request: (name: string, { cast }: Stage) =>
      ({ ...more, userId: name === 'the owner' ? bytesOf(cast.owner) : neverId }) as Partial<Req>,
    objects: { 'the owner': row },
  }
}

export const contactsAsked: AskedOf<typeof chat.ContactsService> = {
  request: ofOwner<chat.ContactsRequestRequest>({ ...known, blocked: 'BLOCKED' }),
  answer: ofOwner<chat.ContactsAnswerRequest>(
    { owner: 'SELF', invited: 'NO_REQUEST', outsider: 'NO_REQUEST', others: 'ok' },
    { accept: true },
  ),
  setRemark: ofOwner<chat.SetRemarkRequest>(ofContacts, { remark: 'x' }),
  // By then everybody has asked or is a contact: both can be taken back.
  remove: ofOwner<chat.ContactsRemoveRequest>(known),
  block: ofOwner<chat.BlockRequest>(known),
  unblock: ofOwner<chat.UnblockRequest>(known),
}

/** What a list may tell of, to whom: whether these bytes are in the answer. */
export interface Listed {
  readonly request: object
  readonly needle: (stage: Stage) => Buffer
  readonly row: Row
}

const seen = (row: Row): Row => row

/** Lists of what is the caller's; by method. */
export const listed: Readonly<Record<string, Listed>> = {
  'Groups.list': {
    request: {},
    needle: ({ closed }) => closed.id,
    row: seen({ ...members, invited: 'ok', others: 'missing' }),
  },
  'History.listConversations': {
    request: {},
    needle: ({ closed }) => closed.id,
    row: seen(readers),
  },
  'History.search': {
    request: { query: 'xylophone' },
    needle: () => Buffer.from('xylophone'),
    row: seen(readers),
  },
  'Contacts.list': {
    request: {},
    needle: ({ cast }) => bytesOf(cast.owner),
    row: seen({ owner: 'missing', invited: 'missing', outsider: 'missing', others: 'ok' }),
  },
  'Accounts.listDevices': {
    request: {},
    needle: ({ spareDeviceId }) => spareDeviceId,
    row: seen({ member: 'ok', others: 'missing' }),
  },
  'Accounts.findUsers': {
    request: { query: 'the.own' },
    needle: ({ cast }) => bytesOf(cast.owner),
    row: seen(everybody),
  },
}

/** Methods that are about the caller alone, by their token: their requests name nothing else. */
export const ofCaller: ReadonlySet<string> = new Set([
  'Accounts.logout',
  'Accounts.changePassword',
  'Accounts.updateProfile',
  'Accounts.setPicture',
  'Accounts.listOnline',
  'Groups.create',
])
