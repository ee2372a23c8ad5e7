import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

export interface ReadCountArgs {
  readonly conversation: number
}

/** How many members have read a conversation up to its newest entry. */
export async function readCount(
  db: Kysely<Tables>,
  { conversation }: ReadCountArgs,
): Promise<number> {
  const found = await sql<{ count: number }>`
    select count(*) as count from members m
    join ${sql.table('reads')} r on r.user = m.user and r.conversation = m.conversation
    where m.conversation = ${conversation} and m.left_seq is null
    and r.seq >= (select max(seq) from messages
      where conversation = ${conversation})`.execute(db)
  return found.rows[0]?.count ?? 0
}
