import { LRUCache } from 'lru-cache'
import type { ContactCounts, ContactRow, ContactRows, ContactState } from '../../tx.ts'
import type { Sqlite } from '../open-database.ts'

interface Row {
  readonly state: ContactState
  readonly blocked: number
  readonly remark: string
  readonly team: string
  readonly request_text: string
}

/** How one user sees another, kept in memory by the writer, which alone changes it. */
const cachedContacts = 20_000
/** Two ids below this make one number below 2^53; others are not kept in memory. */
export const cachedIds = 2 ** 26

/** Contacts in SQLite, with a memory of those used lately. */
export interface SqliteContacts extends ContactRows {
  /** Forgets what is kept in memory: a rollback has made it doubtful. */
  forget(): void
}

/** Contacts and strangers in SQLite; a change of how `user` sees somebody is told to `changed`. */
export function sqliteContacts(
  db: Sqlite,
  nowMs: () => number,
  changed: (user: number) => void,
  max = cachedContacts,
): SqliteContacts {
  const seen = new LRUCache<number, Seen>({ max })
  const get = db.prepare<[number, number], Row>(
    `select state, blocked, remark, team, request_text from friendships
     where user = ? and other = ?`,
  )
  const put = db.prepare(
    `insert into friendships
     (user, other, state, blocked, remark, team, request_text, changed_at_ms)
     values (?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (user, other) do update set state = excluded.state, blocked = excluded.blocked,
     remark = excluded.remark, team = excluded.team, request_text = excluded.request_text,
     changed_at_ms = excluded.changed_at_ms`,
  )
  const counts = db.prepare<[number], ContactCounts>(
    `select coalesce(sum(state in (2, 4)), 0) as contacts,
       coalesce(sum(state = 3), 0) as requests, coalesce(sum(blocked), 0) as blocked
     from friendships where user = ?`,
  )
  const unanswered = db
    .prepare<[number, number], number>(
      'select unanswered from strangers where sender = ? and recipient = ?',
    )
    .pluck()
  const setUnanswered = db.prepare(
    `insert into strangers (sender, recipient, unanswered) values (?, ?, ?)
     on conflict (sender, recipient) do update set unanswered = excluded.unanswered`,
  )
  return {
    get(user, other) {
      const key = pairKey(user, other)
      const known = seen.get(key)
      if (known !== undefined) return known.row
      const row = contact(get.get(user, other))
      if (key > 0) seen.set(key, { row })
      return row
    },
    put(user, other, row) {
      const { state, blocked, remark, team, requestText } = row
      put.run(user, other, state, blocked ? 1 : 0, remark, team, requestText, nowMs())
      seen.delete(pairKey(user, other))
      changed(user)
    },
    counts: (user) => counts.get(user) ?? { contacts: 0, requests: 0, blocked: 0 },
    unanswered: (sender, recipient) => unanswered.get(sender, recipient) ?? 0,
    setUnanswered: (sender, recipient, count) => void setUnanswered.run(sender, recipient, count),
    forget: () => seen.clear(),
  }
}

interface Seen {
  readonly row: ContactRow | undefined
}

/** One number for two ids, or 0 when they are too large for it. */
function pairKey(user: number, other: number): number {
  return user < cachedIds && other < cachedIds ? user * cachedIds + other : 0
}

function contact(row: Row | undefined): ContactRow | undefined {
  if (row === undefined) return undefined
  const { state, remark, team } = row
  return { state, remark, team, blocked: row.blocked !== 0, requestText: row.request_text }
}
