import type { MysqlSession } from '../bridge/session.ts'
import { fetch, fetchAll } from './fetch.ts'
import type { Fetch } from './fetch.ts'
import type { LastingFacts } from './lasting-facts.ts'
import type { Names } from './names.ts'
import { conversationColumns, conversationOf, isIn, isPair, userColumns, userOf } from './rows.ts'
import type { Where } from './rows.ts'
import { directKey, idKey } from './working-set.ts'
import type { WorkingSet } from './working-set.ts'

/**
 * Finds the numbers of what a batch names by ids, and of what kind it is. Most of it is remembered,
 * for it never changes; one hop asks for the rest, and one more for direct conversations that two
 * users have not been seen to have.
 */
export function resolveNames(
  session: MysqlSession,
  known: WorkingSet,
  lasting: LastingFacts,
  names: Names,
): void {
  fetchAll(session, [...newConversations(lasting, names), ...newUsers(lasting, names)])
  for (const ids of [names.conversationIds, names.readIds]) {
    for (const key of ids.keys()) known.conversationIds.set(key, lasting.conversationOf(key))
  }
  for (const ids of [names.peerIds, names.userIds]) {
    for (const key of ids.keys()) known.userIds.set(key, lasting.userOf(key))
  }
  findDirects(session, known, lasting, names)
}

function newConversations(lasting: LastingFacts, names: Names): Fetch[] {
  const { conversationIds, readIds, conversations } = names
  const isNew = ([key]: readonly [string, Uint8Array]) => lasting.conversationOf(key) === undefined
  const ids = [...new Map([...conversationIds, ...readIds])].filter(isNew).map(([, id]) => id)
  const numbers = [...conversations].filter((id) => lasting.kindOf(id) === undefined)
  const learn = (rows: readonly unknown[]) => {
    for (const row of rows) lasting.learnConversation(conversationOf(row))
  }
  return byIdOrNumber(conversationColumns, 'conversations', [ids, numbers], learn)
}

function newUsers(lasting: LastingFacts, { peerIds, userIds, users }: Names): Fetch[] {
  const isNew = ([key]: readonly [string, Uint8Array]) => lasting.userOf(key) === undefined
  const ids = [...new Map([...peerIds, ...userIds])].filter(isNew).map(([, id]) => id)
  const numbers = [...users].filter((id) => lasting.noticesOf(id) === undefined)
  const learn = (rows: readonly unknown[]) => {
    for (const row of rows) lasting.learnUser(userOf(row))
  }
  return byIdOrNumber(userColumns, 'users', [ids, numbers], learn)
}

function byIdOrNumber(
  columns: string,
  table: string,
  [ids, numbers]: readonly [readonly Uint8Array[], readonly number[]],
  note: (rows: readonly unknown[]) => void,
): Fetch[] {
  const ask = ({ sql, params }: Where) =>
    fetch(`select ${columns} from ${table} where ${sql}`, params, note)
  const fetches: Fetch[] = []
  if (ids.length > 0) fetches.push(ask(isIn('public_id', ids)))
  if (numbers.length > 0) fetches.push(ask(isIn('id', numbers)))
  return fetches
}

type Pair = readonly [number, number]

// A direct conversation is named by its two users.
function findDirects(
  session: MysqlSession,
  known: WorkingSet,
  lasting: LastingFacts,
  { sends }: Names,
): void {
  const pairs = new Map<string, Pair>()
  for (const { sender, peerId } of sends) {
    const peer = peerId && known.userIds.get(idKey(peerId))
    if (peer === undefined) continue
    pairs.set(directKey(sender, peer), [Math.min(sender, peer), Math.max(sender, peer)])
  }
  const strange = [...pairs].filter(([key]) => lasting.directOf(key) === undefined)
  if (strange.length > 0) {
    const { sql, params } = isPair(
      ['low', 'high'],
      strange.map(([, pair]) => pair),
    )
    const text = `select low, high, conversation from directs where ${sql}`
    fetchAll(session, [fetch(text, params, (rows: readonly Direct[]) => learn(lasting, rows))])
  }
  for (const [key, pair] of pairs) {
    const conversation = lasting.directOf(key)
    known.directs.set(key, conversation)
    if (conversation !== undefined) known.directUsers.set(conversation, pair)
  }
}

interface Direct {
  readonly low: number
  readonly high: number
  readonly conversation: number
}

function learn(lasting: LastingFacts, rows: readonly Direct[]): void {
  for (const { low, high, conversation } of rows) lasting.learnDirect(low, high, conversation)
}
