import type { MarkRows } from '../../tx.ts'
import type { Sqlite } from '../open-database.ts'

/** Delivered and read cursors in SQLite; both only move forward. */
export function sqliteMarks(db: Sqlite): MarkRows {
  const delivered = db.prepare(
    `insert into cursors (device, conversation, seq) values (?, ?, ?)
     on conflict (device, conversation) do update set seq = excluded.seq
     where excluded.seq > cursors.seq`,
  )
  const read = db.prepare(
    `insert into reads (user, conversation, seq) values (?, ?, ?)
     on conflict (user, conversation) do update set seq = excluded.seq
     where excluded.seq > reads.seq`,
  )
  return {
    delivered: (device, conversation, seq) => void delivered.run(device, conversation, seq),
    read: (user, conversation, seq) => read.run(user, conversation, seq).changes > 0,
  }
}
