import { fetch } from './fetch.ts'
import type { Fetch } from './fetch.ts'
import type { LastingFacts } from './lasting-facts.ts'
import type { Names } from './names.ts'
import {
  contactColumns,
  contactOf,
  isIn,
  isPair,
  loggedColumns,
  loggedOf,
  stayColumns,
  stayOf,
} from './rows.ts'
import { clientKey, idKey, pairKey } from './working-set.ts'
import type { StayRow, WorkingSet } from './working-set.ts'

/**
 * What sends and reads ask for: heads, stays, how far was read before, what was stored under the same
 * ids, and for direct conversations how the two see each other.
 */
export function hotFetches(known: WorkingSet, lasting: LastingFacts, names: Names): Fetch[] {
  const { directs, groups } = placesOf(known, lasting, names)
  return [
    ...headsOf(known, names),
    ...staysOf(known, groups),
    ...readsOf(known, names),
    ...dedupeOf(known, names),
    ...directsOf(known, lasting, directs),
  ]
}

interface Places {
  readonly directs: ReadonlySet<number>
  /** Conversation and user, where a stay decides. */
  readonly groups: ReadonlyMap<string, readonly [number, number]>
}

function placesOf(known: WorkingSet, lasting: LastingFacts, { sends, reads }: Names): Places {
  const directs = new Set<number>()
  const groups = new Map<string, readonly [number, number]>()
  const addGroup = (conversation: number, user: number) =>
    groups.set(pairKey(conversation, user), [conversation, user])
  for (const { conversation: named, conversationId, peerId, sender } of sends) {
    if (peerId !== undefined) continue
    const id = named !== 0 ? named : known.conversationIds.get(idKey(conversationId ?? noId))
    const kind = id === undefined ? undefined : lasting.kindOf(id)
    if (id === undefined || kind === undefined) continue
    if (kind === 1) directs.add(id)
    else addGroup(id, sender)
  }
  for (const { user, conversationId } of reads) {
    const id = known.conversationIds.get(idKey(conversationId))
    if (id !== undefined) addGroup(id, user)
  }
  for (const id of known.directs.values()) if (id !== undefined) directs.add(id)
  return { directs, groups }
}

const noId = new Uint8Array()

function headsOf(known: WorkingSet, { readIds }: Names): Fetch[] {
  const ids = new Set(known.locked)
  for (const key of readIds.keys()) {
    const id = known.conversationIds.get(key)
    if (id !== undefined) ids.add(id)
  }
  if (ids.size === 0) return []
  const { sql, params } = isIn('c.id', ids)
  // Grouping reads the whole index of each log; this goes to its end.
  const text = `select c.id as conversation, (select m.seq from messages m
    where m.conversation = c.id order by m.seq desc limit 1) as seq from conversations c where ${sql}`
  return [
    fetch(text, params, (rows: readonly { conversation: number; seq: number | null }[]) => {
      for (const id of ids) known.heads.set(id, 0)
      for (const { conversation, seq } of rows) known.heads.set(conversation, seq ?? 0)
    }),
  ]
}

function staysOf(known: WorkingSet, groups: Places['groups']): Fetch[] {
  if (groups.size === 0) return []
  const { sql, params } = isPair(['conversation', 'user'], groups.values())
  const text = `select ${stayColumns} from members where ${sql} order by joined_seq`
  return [
    fetch(text, params, (rows) => {
      const found = new Map<string, StayRow[]>([...groups.keys()].map((key) => [key, []]))
      for (const stay of rows.map(stayOf)) {
        found.get(pairKey(stay.conversation, stay.user))?.push(stay)
      }
      for (const [key, stays] of found) known.stays.set(key, stays)
    }),
  ]
}

function readsOf(known: WorkingSet, { reads }: Names): Fetch[] {
  const pairs = new Map<string, readonly [number, number]>()
  for (const { user, conversationId } of reads) {
    const id = known.conversationIds.get(idKey(conversationId))
    if (id !== undefined) pairs.set(pairKey(user, id), [user, id])
  }
  if (pairs.size === 0) return []
  const { sql, params } = isPair(['user', 'conversation'], pairs.values())
  const text = `select user, conversation, seq from \`reads\` where ${sql}`
  return [
    fetch(text, params, (rows: readonly ReadRow[]) => {
      for (const key of pairs.keys()) known.readUpTo.set(key, 0)
      for (const { user, conversation, seq } of rows) {
        known.readUpTo.set(pairKey(user, conversation), seq)
      }
    }),
  ]
}

interface ReadRow {
  readonly user: number
  readonly conversation: number
  readonly seq: number
}

function dedupeOf(known: WorkingSet, { sends }: Names): Fetch[] {
  if (sends.length === 0) return []
  const { sql, params } = isIn(
    'client_id',
    sends.map(({ clientId }) => clientId),
  )
  const text = `select ${loggedColumns} from messages force index (messages_dedupe) where ${sql}`
  return [
    fetch(text, params, (rows) => {
      for (const { sender, clientId } of sends) {
        known.logged.set(clientKey(sender, clientId), undefined)
      }
      for (const { clientId, ...row } of rows.map(loggedOf)) {
        if (clientId !== undefined) known.logged.set(clientKey(row.sender, clientId), row)
      }
    }),
  ]
}

function directsOf(known: WorkingSet, lasting: LastingFacts, directs: Places['directs']): Fetch[] {
  const both: (readonly [number, number])[] = []
  for (const conversation of directs) {
    const pair = lasting.pairOf(conversation)
    if (pair === undefined) continue
    const [low, high] = pair
    known.directUsers.set(conversation, pair)
    both.push(pair, [high, low])
  }
  if (both.length === 0) return []
  // Noted first: what two users have no row for is known to be none.
  for (const [one, other] of both) {
    known.contacts.set(pairKey(one, other), undefined)
    known.unanswered.set(pairKey(one, other), 0)
  }
  const contacts = isPair(['user', 'other'], both)
  const strangers = isPair(['sender', 'recipient'], both)
  return [
    fetch(
      `select ${contactColumns} from friendships where ${contacts.sql}`,
      contacts.params,
      (rows) => {
        for (const { user, other, ...row } of rows.map(contactOf)) {
          known.contacts.set(pairKey(user, other), row)
        }
      },
    ),
    fetch(
      `select sender, recipient, unanswered from strangers where ${strangers.sql}`,
      strangers.params,
      (rows: readonly { sender: number; recipient: number; unanswered: number }[]) => {
        for (const { sender, recipient, unanswered } of rows) {
          known.unanswered.set(pairKey(sender, recipient), unanswered)
        }
      },
    ),
  ]
}
