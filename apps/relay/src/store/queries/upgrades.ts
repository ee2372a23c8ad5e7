import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'
import type { UpgradePlace } from '../upgrade-rows.ts'

/** The newest package of a channel and platform, in short. */
export interface CurrentUpgrade extends UpgradePlace {
  readonly version: string
  readonly minVersion: string
}

/** What an operator has signed. */
export interface PublishedUpgrade {
  readonly manifest: Uint8Array
  readonly signature: Uint8Array
  readonly keyId: string
}

/** The newest package of every channel and platform. */
export async function currentUpgrades(db: Kysely<Tables>, _args: null): Promise<CurrentUpgrade[]> {
  const rows = await db
    .selectFrom('upgrades')
    .select(['channel', 'platform', 'version', 'min_version as minVersion'])
    .orderBy('published_at_ms')
    .execute()
  // Three of each at most: what comes later takes the place.
  return [...new Map(rows.map((row) => [`${row.channel} ${row.platform}`, row])).values()]
}

/** The newest package of a channel and platform. */
export function upgradeOf(
  db: Kysely<Tables>,
  { channel, platform }: UpgradePlace,
): Promise<PublishedUpgrade | undefined> {
  return db
    .selectFrom('upgrades')
    .select(['manifest', 'signature', 'key_id as keyId'])
    .where('channel', '=', channel)
    .where('platform', '=', platform)
    .orderBy('published_at_ms', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** Whether a file is a package that anybody may read. */
export async function isPublished(
  db: Kysely<Tables>,
  { fileId }: { readonly fileId: string },
): Promise<boolean> {
  const found = await db
    .selectFrom('upgrades')
    .select('id')
    .where('file_id', '=', fileId)
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
}
