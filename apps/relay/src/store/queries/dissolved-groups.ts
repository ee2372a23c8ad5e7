import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** Dissolved groups that may still hold what their entries carry, the oldest first. */
export async function dissolvedGroups(
  db: Kysely<Tables>,
  { limit }: { readonly limit: number },
): Promise<number[]> {
  const rows = await db
    .selectFrom('conversations')
    .select('id')
    .where('dissolved', '=', 1)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}
