import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** True when a mutating call with this id was carried out. */
export async function answeredRequest(
  db: Kysely<Tables>,
  { user, requestId }: { readonly user: number; readonly requestId: Uint8Array },
): Promise<boolean> {
  const row = await db
    .selectFrom('requests')
    .select('answered_at_ms')
    .where('user', '=', user)
    .where('request_id', '=', requestId)
    .executeTakeFirst()
  return row !== undefined
}
