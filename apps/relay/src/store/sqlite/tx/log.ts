import { LRUCache } from 'lru-cache'
import type { Appended } from '../../journal.ts'
import type { LoggedRow, LogRows, NewEntry } from '../../tx.ts'
import type { Sqlite } from '../open-database.ts'

interface Row {
  readonly conversation: number
  readonly seq: number
  readonly sender: number
  readonly kind: number
  readonly digest: Uint8Array | null
  readonly sent_at_ms: number
}

const columns = 'conversation, seq, sender, kind, digest, sent_at_ms'
/** Heads kept in memory by the writer, which alone moves them. */
const cachedHeads = 100_000
/** How far back a sender's last nudge is looked for. */
const recentEntries = 500
/** Field number of the content `erased`. */
const erasedKind = 9

/** The log in SQLite, with a memory of the heads used lately. */
export interface SqliteLog extends LogRows {
  /** Forgets what is kept in memory: a rollback has made it doubtful. */
  forget(): void
}

/** The log in SQLite; what is appended is told to `appended`. */
export function sqliteLog(
  db: Sqlite,
  appended: (entry: Appended) => void,
  max = cachedHeads,
): SqliteLog {
  const heads = new LRUCache<number, number>({ max })
  const select = statements(db)
  const head = (conversation: number) => {
    const known = heads.get(conversation)
    if (known !== undefined) return known
    const stored = select.head.get(conversation) ?? 0
    heads.set(conversation, stored)
    return stored
  }
  return {
    head,
    append(line: NewEntry) {
      const seq = head(line.conversation) + 1
      select.append.run(
        line.conversation,
        seq,
        line.sender,
        line.clientId ?? null,
        line.digest ?? null,
        line.kind,
        line.targetSeq ?? null,
        line.sentAtMs,
        line.entry,
      )
      heads.set(line.conversation, seq)
      appended({ conversation: line.conversation, seq, sender: line.sender, entry: line.entry })
      return seq
    },
    byClientId: (sender, clientId) => logged(select.byClientId.get(sender, clientId)),
    row: (conversation, seq) => logged(select.row.get(conversation, seq)),
    entry: (conversation, seq) => select.entry.get(conversation, seq),
    editsOf: (conversation, seq) => select.editsOf.all(conversation, seq),
    erase: (conversation, seq, entry) =>
      void select.erase.run(entry, erasedKind, conversation, seq),
    lastSentAt: (conversation, sender, kind) =>
      select.lastSentAt.get(conversation, head(conversation) - recentEntries, sender, kind) ?? 0,
    forget: () => heads.clear(),
  }
}

function statements(db: Sqlite) {
  return {
    head: db
      .prepare<[number], number | null>('select max(seq) from messages where conversation = ?')
      .pluck(),
    append: db.prepare(
      `insert into messages
       (conversation, seq, sender, client_id, digest, kind, target_seq, sent_at_ms, entry)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    byClientId: db.prepare<[number, Uint8Array], Row>(
      `select ${columns} from messages where sender = ? and client_id = ?`,
    ),
    row: db.prepare<[number, number], Row>(
      `select ${columns} from messages where conversation = ? and seq = ?`,
    ),
    entry: db
      .prepare<[number, number], Uint8Array>(
        'select entry from messages where conversation = ? and seq = ?',
      )
      .pluck(),
    editsOf: db
      .prepare<[number, number], number>(
        `select seq from messages where conversation = ? and target_seq = ? and kind = 5
         order by seq`,
      )
      .pluck(),
    erase: db.prepare('update messages set entry = ?, kind = ? where conversation = ? and seq = ?'),
    lastSentAt: db
      .prepare<[number, number, number, number], number>(
        `select sent_at_ms from messages where conversation = ? and seq > ? and sender = ?
         and kind = ? order by seq desc limit 1`,
      )
      .pluck(),
  }
}

function logged(row: Row | undefined): LoggedRow | undefined {
  if (row === undefined) return undefined
  const { conversation, seq, sender, kind } = row
  const digest = row.digest ?? undefined
  return { conversation, seq, sender, kind, digest, sentAtMs: row.sent_at_ms }
}
