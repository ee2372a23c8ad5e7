import type { Command } from '../../journal.ts'
import type { MysqlSession, Statement, StatementResult } from '../bridge/session.ts'
import { fetchHot } from './fetch-hot.ts'
import { namesOf } from './names.ts'
import type { Names } from './names.ts'
import { conversationColumns, conversationOf, isIn, isPair, userColumns, userOf } from './rows.ts'
import type { Where } from './rows.ts'
import { directKey, idKey } from './working-set.ts'
import type { WorkingSet } from './working-set.ts'

/**
 * Begins a transaction and fetches what its batch names. First it takes hold of all conversations it
 * will write to, then of the users that commands are about, both in the order of their numbers; so
 * writers of several relays wait for each other, and do not lock each other out.
 */
export function prefetch(
  session: MysqlSession,
  known: WorkingSet,
  batch: readonly Command[],
): void {
  const names = namesOf(batch)
  const begin: Statement = { sql: 'start transaction' }
  const resolves = resolving(names)
  const first = resolves.length > 0 ? session.many([begin, ...resolves]) : []
  noteResolved(known, names, first.slice(1))
  findDirects(session, known, names)
  const held = holding(known, names)
  const hop = resolves.length > 0 ? held.statements : [begin, ...held.statements]
  const results = hop.length > 0 ? session.many(hop) : []
  noteHeld(known, held, results.slice(hop.length - held.statements.length))
  fetchHot(session, known, names)
}

function resolving(names: Names): Statement[] {
  const { conversationIds, readIds, peerIds, userIds, users } = names
  const conversations = new Map([...conversationIds, ...readIds])
  const people = new Map([...peerIds, ...userIds])
  if (conversations.size + people.size + users.size === 0) return []
  return [
    select(conversationColumns, 'conversations', isIn('public_id', conversations.values())),
    select(userColumns, 'users', isIn('public_id', people.values())),
    select(userColumns, 'users', isIn('id', users)),
  ]
}

function noteResolved(
  known: WorkingSet,
  { conversationIds, readIds, peerIds, userIds }: Names,
  [conversations, ...people]: readonly StatementResult[],
): void {
  for (const key of [...conversationIds.keys(), ...readIds.keys()]) {
    known.conversationIds.set(key, undefined)
  }
  for (const key of [...peerIds.keys(), ...userIds.keys()]) known.userIds.set(key, undefined)
  for (const row of conversations?.rows ?? []) known.rememberConversation(conversationOf(row))
  for (const row of people.flatMap(({ rows }) => rows)) known.remember(userOf(row))
}

// A direct conversation is named by its two users.
function findDirects(session: MysqlSession, known: WorkingSet, { sends }: Names): void {
  const pairs = new Map<string, readonly [number, number]>()
  for (const { sender, peerId } of sends) {
    const peer = peerId && known.userIds.get(idKey(peerId))
    if (peer === undefined) continue
    pairs.set(directKey(sender, peer), [Math.min(sender, peer), Math.max(sender, peer)])
  }
  if (pairs.size === 0) return
  for (const key of pairs.keys()) known.directs.set(key, undefined)
  const { sql, params } = isPair(['low', 'high'], pairs.values())
  const rows = session.all<{ low: number; high: number; conversation: number }>(
    `select low, high, conversation from directs where ${sql}`,
    params,
  )
  for (const { low, high, conversation } of rows) {
    known.directs.set(directKey(low, high), conversation)
    known.directUsers.set(conversation, [low, high])
  }
}

interface Held {
  readonly conversations: readonly number[]
  readonly users: readonly number[]
  readonly statements: readonly Statement[]
}

function holding(known: WorkingSet, names: Names): Held {
  const conversations = new Set(names.conversations)
  const users = new Set(names.users)
  for (const key of names.userIds.keys()) addFound(users, known.userIds.get(key))
  for (const key of names.conversationIds.keys()) {
    addFound(conversations, known.conversationIds.get(key))
  }
  for (const direct of known.directs.values()) addFound(conversations, direct)
  // Commands about users tell them so in their notices.
  for (const user of users) addFound(conversations, known.users.get(user)?.notices)
  const statements = [
    ...hold(conversationColumns, 'conversations', conversations),
    ...hold(userColumns, 'users', users),
  ]
  return { conversations: [...conversations], users: [...users], statements }
}

function hold(columns: string, table: string, ids: ReadonlySet<number>): Statement[] {
  if (ids.size === 0) return []
  const { sql, params } = isIn(
    'id',
    [...ids].toSorted((a, b) => a - b),
  )
  const from = `${table} force index (primary)`
  return [{ sql: `select ${columns} from ${from} where ${sql} order by id for update`, params }]
}

function noteHeld(known: WorkingSet, held: Held, results: readonly StatementResult[]): void {
  const rest = [...results]
  if (held.conversations.length > 0) {
    for (const id of held.conversations) {
      known.lockedNow(id)
      known.conversations.set(id, undefined)
    }
    for (const row of rest.shift()?.rows ?? []) known.rememberConversation(conversationOf(row))
  }
  if (held.users.length === 0) return
  for (const id of held.users) {
    known.lockedUsers.add(id)
    known.users.set(id, undefined)
  }
  for (const row of rest.shift()?.rows ?? []) known.remember(userOf(row))
}

function addFound(set: Set<number>, found: number | undefined): void {
  if (found !== undefined) set.add(found)
}

function select(columns: string, table: string, { sql, params }: Where): Statement {
  return { sql: `select ${columns} from ${table} where ${sql}`, params }
}
