import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** The last message that the search index has looked at. */
export async function searchProgress(db: Kysely<Tables>, _args: null): Promise<number> {
  const row = await db.selectFrom('search_progress').select('last_message').executeTakeFirst()
  return row?.last_message ?? 0
}
