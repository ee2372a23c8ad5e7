import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** The direct conversations of a user with those whom the user has blocked. */
export async function blockedDirects(
  db: Kysely<Tables>,
  { user }: { readonly user: number },
): Promise<number[]> {
  const found = await sql<{ conversation: number }>`
    select d.conversation as conversation from friendships f
    join directs d on d.low = case when f.other < f.user then f.other else f.user end
      and d.high = case when f.other < f.user then f.user else f.other end
    where f.user = ${user} and f.blocked != 0`.execute(db)
  return found.rows.map((row) => row.conversation)
}
