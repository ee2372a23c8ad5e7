import type { ContactCounts, ContactRow, ContactRows } from '../../tx.ts'
import { contactColumns, contactOf } from '../batch/rows.ts'
import { pairKey } from '../batch/working-set.ts'
import type { Work } from './work.ts'

/** Contacts and strangers in MariaDB. Commands about contacts hold both users. */
export function mysqlContacts(work: Work): ContactRows {
  const { known } = work
  return {
    get(user, other) {
      const key = pairKey(user, other)
      if (known.contacts.has(key)) return known.contacts.get(key)
      const sql = `select ${contactColumns} from friendships where user = ? and other = ?`
      const found = contact(work.one(sql, [user, other]))
      known.contacts.set(key, found)
      return found
    },
    put(user, other, row) {
      put(work, user, other, row)
      known.contacts.delete(pairKey(user, other))
      work.effects.contacts.push(user)
    },
    counts: (user) =>
      work.one<ContactCounts>(
        `select coalesce(sum(state in (2, 4)), 0) as contacts,
           coalesce(sum(state = 3), 0) as requests, coalesce(sum(blocked), 0) as blocked
         from friendships where user = ?`,
        [user],
      ) ?? { contacts: 0, requests: 0, blocked: 0 },
    unanswered(sender, recipient) {
      const key = pairKey(sender, recipient)
      const noted = known.unanswered.get(key)
      if (noted !== undefined) return noted
      const sql = 'select unanswered as n from strangers where sender = ? and recipient = ?'
      const found = work.number(sql, [sender, recipient])
      known.unanswered.set(key, found)
      return found
    },
    setUnanswered(sender, recipient, count) {
      work.pending.unanswered(sender, recipient, count)
      known.unanswered.set(pairKey(sender, recipient), count)
    },
  }
}

function put(work: Work, user: number, other: number, row: ContactRow): void {
  const { state, blocked, remark, team, requestText } = row
  work.run(
    `insert into friendships
     (user, other, state, blocked, remark, team, request_text, changed_at_ms)
     values (?, ?, ?, ?, ?, ?, ?, ?)
     on duplicate key update state = values(state), blocked = values(blocked),
     remark = values(remark), team = values(team), request_text = values(request_text),
     changed_at_ms = values(changed_at_ms)`,
    [user, other, state, blocked ? 1 : 0, remark, team, requestText, work.nowMs],
  )
}

function contact(row: unknown): ContactRow | undefined {
  if (row === undefined) return undefined
  const { state, blocked, remark, team, requestText } = contactOf(row)
  return { state, blocked, remark, team, requestText }
}
