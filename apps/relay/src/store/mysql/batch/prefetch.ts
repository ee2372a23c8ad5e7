import type { Command } from '../../journal.ts'
import type { MysqlSession } from '../bridge/session.ts'
import { fetch, fetchAll } from './fetch.ts'
import type { Fetch } from './fetch.ts'
import { hotFetches } from './hot-fetches.ts'
import type { LastingFacts } from './lasting-facts.ts'
import { namesOf } from './names.ts'
import type { Names } from './names.ts'
import { conversationColumns, conversationOf, isIn, userColumns, userOf } from './rows.ts'
import { resolveNames } from './resolve-names.ts'
import type { WorkingSet } from './working-set.ts'

/**
 * Begins a transaction and fetches what its batch names. First it takes hold of all conversations it
 * will write to, then of the users that commands are about, both in the order of their numbers; so
 * writers of several relays wait for each other, and do not lock each other out. What is read of these
 * after, in the same hop, is true until the end of the transaction. Of what is only looked at, as who a
 * message goes to and how the two see each other, another relay may commit a change meanwhile: a block
 * or the end of an account does not stop the messages of a batch that is under way.
 */
export function prefetch(
  session: MysqlSession,
  known: WorkingSet,
  lasting: LastingFacts,
  batch: readonly Command[],
): void {
  const names = namesOf(batch)
  resolveNames(session, known, lasting, names)
  const wanted = wantedOf(known, lasting, names)
  noteHeld(known, wanted)
  fetchAll(session, [
    ...hold(known, 'conversations', wanted.heldConversations),
    ...hold(known, 'users', wanted.heldUsers),
    ...look(known, 'conversations', wanted.seenConversations),
    ...look(known, 'users', wanted.seenUsers),
    ...hotFetches(known, lasting, names),
  ])
}

type Numbers = ReadonlySet<number>

interface Wanted {
  readonly heldConversations: Numbers
  readonly heldUsers: Numbers
  /** Nothing of these changes but what belongs to one user alone. */
  readonly seenConversations: Numbers
  readonly seenUsers: Numbers
}

function wantedOf(known: WorkingSet, lasting: LastingFacts, names: Names): Wanted {
  const conversations = new Set(names.conversations)
  const users = new Set(names.users)
  for (const key of names.userIds.keys()) addFound(users, known.userIds.get(key))
  for (const key of names.conversationIds.keys()) {
    addFound(conversations, known.conversationIds.get(key))
  }
  for (const direct of known.directs.values()) addFound(conversations, direct)
  // Commands about users tell them so in their notices.
  for (const user of users) addFound(conversations, lasting.noticesOf(user))
  const seenConversations = new Set<number>()
  const seenUsers = new Set<number>()
  for (const key of names.readIds.keys())
    addFound(seenConversations, known.conversationIds.get(key))
  for (const key of names.peerIds.keys()) addFound(seenUsers, known.userIds.get(key))
  return {
    heldConversations: conversations,
    heldUsers: users,
    seenConversations: seenConversations.difference(conversations),
    seenUsers: seenUsers.difference(users),
  }
}

function noteHeld(known: WorkingSet, { heldConversations, heldUsers }: Wanted): void {
  for (const id of heldConversations) {
    known.lockedNow(id)
    known.conversations.set(id, undefined)
  }
  for (const id of heldUsers) {
    known.lockedUsers.add(id)
    known.users.set(id, undefined)
  }
}

type Table = 'conversations' | 'users'

function hold(known: WorkingSet, table: Table, ids: Numbers): Fetch[] {
  if (ids.size === 0) return []
  const { sql, params } = isIn(
    'id',
    [...ids].toSorted((a, b) => a - b),
  )
  const from = `${columnsOf[table]} from ${table} force index (primary)`
  const text = `select ${from} where ${sql} order by id for update`
  return [fetch(text, params, (rows) => remember(known, table, rows))]
}

function look(known: WorkingSet, table: Table, ids: Numbers): Fetch[] {
  if (ids.size === 0) return []
  const { sql, params } = isIn('id', ids)
  const text = `select ${columnsOf[table]} from ${table} where ${sql}`
  return [fetch(text, params, (rows) => remember(known, table, rows))]
}

const columnsOf = { conversations: conversationColumns, users: userColumns }

function remember(known: WorkingSet, table: Table, rows: readonly unknown[]): void {
  for (const row of rows) {
    if (table === 'users') known.remember(userOf(row))
    else known.rememberConversation(conversationOf(row))
  }
}

function addFound(set: Set<number>, found: number | undefined): void {
  if (found !== undefined) set.add(found)
}
