import type { LoggedRow, LogRows, NewEntry } from '../../tx.ts'
import { loggedColumns, loggedOf } from '../batch/rows.ts'
import { clientKey } from '../batch/working-set.ts'
import type { Work } from './work.ts'

/** How far back a sender's last nudge is looked for. */
const recentEntries = 500
/** Field number of the content `erased`. */
const erasedKind = 9

/** The log in MariaDB. A number is given only while the conversation is held. */
export function mysqlLog(work: Work): LogRows {
  const { known } = work
  const head = (conversation: number) => {
    const noted = known.heads.get(conversation)
    if (noted !== undefined) return noted
    work.flush()
    const sql = 'select max(seq) as n from messages where conversation = ?'
    const found = work.number(sql, [conversation])
    known.heads.set(conversation, found)
    return found
  }
  return {
    ...lookBack(work, head),
    head,
    append(line) {
      work.hold(line.conversation)
      const seq = head(line.conversation) + 1
      known.heads.set(line.conversation, seq)
      note(work, line, seq)
      return seq
    },
    byClientId(sender, clientId) {
      const key = clientKey(sender, clientId)
      if (known.logged.has(key)) return known.logged.get(key)
      const where = 'sender = ? and client_id = ?'
      const found = logged(work, where, [sender, clientId])
      known.logged.set(key, found)
      return found
    },
    erase(conversation, seq, entry) {
      const sql = 'update messages set entry = ?, kind = ? where conversation = ? and seq = ?'
      work.run(sql, [entry, erasedKind, conversation, seq])
    },
  }
}

function note({ known, pending, effects }: Work, line: NewEntry, seq: number): void {
  const { conversation, sender, kind, digest, sentAtMs, entry, clientId } = line
  pending.append(line, seq)
  effects.entries.push({ conversation, seq, sender, entry })
  if (clientId === undefined) return
  const row = { seq, conversation, sender, kind, digest, sentAtMs }
  known.logged.set(clientKey(sender, clientId), row)
}

type LookBack = Pick<LogRows, 'row' | 'entry' | 'editsOf' | 'lastSentAt'>

// Each reads what was appended before in the same transaction, too.
function lookBack(work: Work, head: (conversation: number) => number): LookBack {
  const ofEntry = 'conversation = ? and seq = ?'
  return {
    row: (conversation, seq) => logged(work, ofEntry, [conversation, seq]),
    entry(conversation, seq) {
      work.flush()
      const sql = `select entry from messages where ${ofEntry}`
      return work.one<{ entry: Uint8Array }>(sql, [conversation, seq])?.entry
    },
    editsOf(conversation, seq) {
      work.flush()
      const sql = `select seq from messages where conversation = ? and target_seq = ? and kind = 5
        order by seq`
      return work.all<{ seq: number }>(sql, [conversation, seq]).map((row) => row.seq)
    },
    lastSentAt(conversation, sender, kind) {
      work.flush()
      const sql = `select sent_at_ms as n from messages where conversation = ? and seq > ?
        and sender = ? and kind = ? order by seq desc limit 1`
      return work.number(sql, [conversation, head(conversation) - recentEntries, sender, kind])
    },
  }
}

function logged(
  work: Work,
  where: string,
  params: readonly (number | Uint8Array)[],
): LoggedRow | undefined {
  work.flush()
  const row = work.one(`select ${loggedColumns} from messages where ${where}`, params)
  if (row === undefined) return undefined
  const { conversation, seq, sender, kind, digest, sentAtMs } = loggedOf(row)
  return { conversation, seq, sender, kind, digest, sentAtMs }
}
