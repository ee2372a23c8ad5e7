import type { chat } from '@parley/proto'
import { systemScheduler, uuidv7 } from '@parley/service-kit'
import { sendOf } from '../harness/wire.ts'
import { bytesOf } from './bytes-of.ts'
import type { Actor } from './cast.ts'
import type { Row } from './expectations.ts'
import { contents, receiptOf } from './stream-contents.ts'
import type { CommandCase } from './stream-probe.ts'
import type { StreamScene } from './stream-scene.ts'
import { words } from './words.ts'
import type { Body } from './words.ts'

/** A command about objects, and what is to be answered. */
export interface Commanded {
  /** The command about one object, or the same about what never existed. */
  readonly command: (
    name: string,
    isThere: boolean,
    scene: StreamScene,
    actor: Actor,
  ) => CommandCase
  readonly objects: Readonly<Record<string, Row>>
}

const nobody: Row = { others: 'missing' }
const everybody: Row = { others: 'ok' }
const membersOnly: Row = { owner: 'ok', admin: 'ok', member: 'ok', others: 'missing' }
const readers: Row = { ...membersOnly, left: 'ok', removed: 'ok' }
const ofTwo: Row = { owner: 'ok', member: 'ok', others: 'missing' }
const ownerOnly: Row = { owner: 'ok', others: 'missing' }
const dissolved: Row = {
  owner: 'DISSOLVED',
  admin: 'DISSOLVED',
  member: 'DISSOLVED',
  others: 'missing',
}

const neverId = Buffer.alloc(16, 7)
const neverSeq = 999_999

/** A conversation of the scene by its name. */
export function conversationOf(name: string, scene: StreamScene): Buffer {
  switch (name) {
    case 'closed':
    case 'open':
    case 'dissolved':
    case 'direct':
      return scene[name].id
    case 'with who is blocked':
      return scene.withBlocked
    default:
      return scene.notices
  }
}

/** A message to a conversation or a user, about another entry if `rest` says so. */
function send(to: Parameters<typeof sendOf>[1], body: Body | undefined, rest?: Partial<chat.Send>) {
  return sendOf(uuidv7(systemScheduler), to, body && { content: body }, rest)
}

/** Messages by where they go. */
const destinations: Commanded = {
  command: (name, isThere, scene) =>
    send({ conversationId: isThere ? conversationOf(name, scene) : neverId }, words),
  objects: {
    closed: membersOnly,
    open: membersOnly,
    dissolved,
    direct: ofTwo,
    'with who is blocked': { owner: 'ok', blocked: 'BLOCKED', others: 'missing' },
    "the owner's notices": { owner: 'READ_ONLY', others: 'missing' },
  },
}

/** Messages by whom they go to. */
const persons: Commanded = {
  command: (name, isThere, { cast, ended }) => {
    const user = name === 'the owner' ? bytesOf(cast.owner) : ended.userId
    return send({ userId: isThere ? user : neverId }, words)
  },
  objects: {
    'the owner': { owner: 'SELF', blocked: 'BLOCKED', others: 'ok' },
    'a user shut out': nobody,
  },
}

/** Messages by what they say, to the open group. */
const kinds: Commanded = {
  command: (name, isThere, scene, actor) => {
    const body = contents[name as Body['$case']].body(scene, actor)
    const receipt = receiptOf(body, scene, actor)
    return send({ conversationId: isThere ? scene.open.id : neverId }, body, { receipt })
  },
  objects: Object.fromEntries(Object.entries(contents).map(([kind, { row }]) => [kind, row])),
}

const early: Row = { invited: 'missing', blocked: 'missing', outsider: 'missing', others: 'ok' }

/** What is written in everybody's group about an earlier entry there. */
const mentions: Commanded = {
  command: (name, isThere, { hall }) => {
    const [what, when] = name.split(' of ')
    const seq = when === 'before' ? hall.beforeSeq : hall.afterSeq
    const targetSeq = isThere ? seq : neverSeq
    const to = { conversationId: hall.id }
    if (what === 'an answer') return send(to, words, { replyToSeq: targetSeq })
    return what === 'an edit'
      ? send(to, { $case: 'edit', value: { targetSeq, text: 'x' } })
      : send(to, { $case: 'recall', value: { targetSeq } })
  },
  objects: {
    'an answer of before': early,
    'an answer of after': everybody,
    'an edit of before': {
      ...early,
      owner: 'ok',
      admin: 'NOT_YOURS',
      member: 'NOT_YOURS',
      left: 'NOT_YOURS',
      removed: 'NOT_YOURS',
    },
    'an edit of after': { owner: 'ok', others: 'NOT_YOURS' },
    'a recall of before': {
      ...early,
      owner: 'ok',
      admin: 'NOT_YOURS',
      member: 'NOT_YOURS',
      left: 'NOT_YOURS',
      removed: 'NOT_YOURS',
    },
    'a recall of after': { owner: 'ok', others: 'NOT_YOURS' },
  },
}

const goneFor: Row = {
  owner: 'CONTENT_NOT_ALLOWED',
  admin: 'CONTENT_NOT_ALLOWED',
  member: 'CONTENT_NOT_ALLOWED',
  left: 'CONTENT_NOT_ALLOWED',
  removed: 'CONTENT_NOT_ALLOWED',
  others: 'missing',
}

const letGo: Row = {
  owner: 'ATTACHMENT_UNKNOWN',
  admin: 'ATTACHMENT_UNKNOWN',
  member: 'ATTACHMENT_UNKNOWN',
  left: 'ATTACHMENT_UNKNOWN',
  removed: 'ATTACHMENT_UNKNOWN',
  others: 'missing',
}

/** Entries that are sent on into everybody's group. */
const forwards: Commanded = {
  command: (name, isThere, scene) => {
    const { closed, dissolved: gone, direct, hall } = scene
    const entries: Readonly<Record<string, chat.ForwardOf>> = {
      'an early file': { conversationId: closed.id, seq: closed.earlySeq },
      'a late file': { conversationId: closed.id, seq: closed.lateSeq },
      'a recalled file': { conversationId: closed.id, seq: closed.recalledSeq },
      'a file of a dissolved group': { conversationId: gone.id, seq: gone.earlySeq },
      'a file of two': { conversationId: direct.id, seq: direct.seq },
      'a notice of the owner': { conversationId: scene.notices, seq: 1 },
    }
    const forwardOf = isThere ? entries[name] : { conversationId: neverId, seq: 1 }
    return send({ conversationId: hall.id }, undefined, { forwardOf })
  },
  objects: {
    'an early file': readers,
    'a late file': membersOnly,
    'a recalled file': goneFor,
    'a file of a dissolved group': letGo,
    'a file of two': ofTwo,
    'a notice of the owner': { owner: 'CONTENT_NOT_ALLOWED', others: 'missing' },
  },
}

/** The receipt of somebody else, in everybody's group: what it is for is not theirs to send. */
const receipts: Commanded = {
  command: (name, isThere, scene) => {
    const body = contents[name as Body['$case']].body(scene, 'owner')
    const receipt = isThere ? receiptOf(body, scene, 'owner') : 'a.b.c'
    return send({ conversationId: scene.hall.id }, body, { receipt })
  },
  objects: { file: ownerOnly, image: ownerOnly, sticker: ownerOnly },
}

/** An entry that came before anybody had left. */
function seenByAll(name: string, scene: StreamScene): number {
  if (name === 'closed' || name === 'open') return scene[name].earlySeq
  // One entry of its making, then one for each of the four who joined.
  return name === 'dissolved' ? 5 : 1
}

/** A command that only names a conversation; of dissolved groups what was written is still there. */
function ofConversation(
  row: Row,
  more: Commanded['objects'],
  command: (conversationId: Buffer, seq: number) => CommandCase,
): Commanded {
  return {
    command: (name, isThere, scene) =>
      command(isThere ? conversationOf(name, scene) : neverId, seenByAll(name, scene)),
    objects: { closed: row, open: row, direct: ofTwo, ...more },
  }
}

/** An offer to talk without servers. */
export function offerOf(conversationId: Buffer): CommandCase {
  const publicKey = Buffer.alloc(32, 9)
  const value = { step: 1 as const, publicKey, candidates: [], deviceId: Buffer.alloc(0) }
  return { $case: 'direct', value: { ...value, conversationId } }
}

/** Every command that names something, by what it names. */
export const commanded: Readonly<Record<string, Commanded>> = {
  'send to a conversation': destinations,
  'send to a user': persons,
  'send of each kind': kinds,
  'send about an entry': mentions,
  'send of an entry': forwards,
  'send with a receipt': receipts,
  ack: ofConversation(readers, { dissolved: readers }, (conversationId, seq) => ({
    $case: 'ack',
    value: { conversationId, epoch: 1, seq },
  })),
  read: ofConversation(readers, { dissolved: readers }, (conversationId, seq) => ({
    $case: 'read',
    value: { conversationId, seq },
  })),
  pull: ofConversation(
    readers,
    { dissolved: readers, "the owner's notices": ownerOnly },
    (conversationId) => ({ $case: 'pull', value: { conversationId, afterSeq: 0 } }),
  ),
  typing: ofConversation(membersOnly, { dissolved: membersOnly }, (conversationId) => ({
    $case: 'typing',
    value: { conversationId, typing: true },
  })),
  direct: {
    command: (name, isThere, scene) => offerOf(isThere ? conversationOf(name, scene) : neverId),
    objects: { closed: nobody, open: nobody, direct: ofTwo, 'with who is blocked': nobody },
  },
  watch: {
    command: (name, isThere, { cast, ended, loner }) => {
      const users: Readonly<Record<string, Buffer>> = {
        'the owner': bytesOf(cast.owner),
        'who is blocked': bytesOf(cast.blocked),
        'a user shut out': ended.userId,
      }
      const user = isThere ? (users[name] ?? loner) : neverId
      return { $case: 'watch', value: { userIds: [user], contacts: false } }
    },
    objects: {
      'the owner': { owner: 'missing', blocked: 'missing', others: 'ok' },
      'who is blocked': { blocked: 'missing', others: 'ok' },
      'a user shut out': nobody,
      'a stranger': nobody,
    },
  },
}

/** Commands about the one whose stream it is: they name nothing. */
export const ofStream: ReadonlySet<string> = new Set(['setStatus', 'ping', 'bye'])
