import type { MysqlSession } from '../bridge/session.ts'
import { fetch, fetchAll } from './fetch.ts'
import type { Fetch } from './fetch.ts'
import type { LastingFacts } from './lasting-facts.ts'
import type { Names } from './names.ts'
import { conversationColumns, conversationOf, isIn, isPair, userColumns, userOf } from './rows.ts'
import type { Where } from './rows.ts'
import { directKey, idKey } from './working-set.ts'
import type { WorkingSet } from './working-set.ts'

const directKind = 1

/**
 * Finds the numbers of what a batch names by ids, and of what kind it is. Most of it is remembered,
 * for it never changes; one hop asks for the rest, and one more for direct conversations whose two
 * users are not known yet.
 */
export function resolveNames(
  session: MysqlSession,
  known: WorkingSet,
  lasting: LastingFacts,
  names: Names,
): void {
  lasting.makeRoom()
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

// A direct conversation is named by its two users, or the two are asked for by its number.
function findDirects(
  session: MysqlSession,
  known: WorkingSet,
  lasting: LastingFacts,
  names: Names,
): void {
  const pairs = pairsOf(known, names)
  const strange = [...pairs].filter(([key]) => lasting.directOf(key) === undefined)
  const wheres = [
    isPair(
      ['low', 'high'],
      strange.map(([, pair]) => pair),
    ),
    isIn('conversation', directsWithoutPair(known, lasting, names)),
  ]
  const ask = ({ sql, params }: Where) => {
    const text = `select low, high, conversation from directs where ${sql}`
    return fetch(text, params, (rows: readonly Direct[]) => learn(lasting, rows))
  }
  const isAsked = ({ params }: Where) => params.length > 0
  fetchAll(session, wheres.filter(isAsked).map(ask))
  for (const key of pairs.keys()) known.directs.set(key, lasting.directOf(key))
}

/** By `directKey`: those who are written to by the id of the other user. */
function pairsOf(known: WorkingSet, { sends }: Names): ReadonlyMap<string, Pair> {
  const pairs = new Map<string, Pair>()
  for (const { sender, peerId } of sends) {
    const peer = peerId && known.userIds.get(idKey(peerId))
    if (peer === undefined) continue
    pairs.set(directKey(sender, peer), [Math.min(sender, peer), Math.max(sender, peer)])
  }
  return pairs
}

function directsWithoutPair(known: WorkingSet, lasting: LastingFacts, names: Names): Set<number> {
  const found = [...names.conversationIds.keys()].map((key) => known.conversationIds.get(key))
  const isNew = (id: number | undefined) =>
    id !== undefined && lasting.kindOf(id) === directKind && lasting.pairOf(id) === undefined
  return new Set([...names.conversations, ...found].filter(isNew) as number[])
}

interface Direct {
  readonly low: number
  readonly high: number
  readonly conversation: number
}

function learn(lasting: LastingFacts, rows: readonly Direct[]): void {
  for (const { low, high, conversation } of rows) lasting.learnDirect(low, high, conversation)
}
