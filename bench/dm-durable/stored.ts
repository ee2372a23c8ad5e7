import { DatabaseSync } from 'node:sqlite'

/** How many messages of people lie on disk, and whether each log is dense; the relay must be stopped. */
export function storedMessages(database: string): {
  readonly count: number
  readonly dense: boolean
} {
  const db = new DatabaseSync(database, { readOnly: true })
  const row = db
    .prepare(
      `select coalesce(sum(n), 0) as count, coalesce(min(n = last), 1) as dense from (
         select count(*) as n, max(m.seq) as last from messages m
         join conversations c on c.id = m.conversation and c.kind = 1 group by m.conversation
       )`,
    )
    .get()
  db.close()
  return { count: Number(row?.['count']), dense: row?.['dense'] === 1 }
}
