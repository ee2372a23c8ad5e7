import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

export interface DeviceLine {
  readonly publicId: Uint8Array
  readonly name: string
  readonly createdAtMs: number
  readonly lastSeenAtMs: number
}

/** The devices on which a user is logged in, the one that was here last first. */
export function devicesOf(
  db: Kysely<Tables>,
  { user }: { readonly user: number },
): Promise<DeviceLine[]> {
  return db
    .selectFrom('devices')
    .select(['public_id as publicId', 'name'])
    .select(['created_at_ms as createdAtMs', 'last_seen_at_ms as lastSeenAtMs'])
    .where('user', '=', user)
    .where((row) =>
      row.exists(
        row
          .selectFrom('logins')
          .select('logins.id')
          .whereRef('logins.device', '=', 'devices.id')
          .where('logins.ended_at_ms', 'is', null),
      ),
    )
    .orderBy('last_seen_at_ms', 'desc')
    .orderBy('id', 'desc')
    .execute()
}
