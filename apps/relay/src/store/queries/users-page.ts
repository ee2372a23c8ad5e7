import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

export interface UsersPageArgs {
  /** Names that begin so; empty for all. */
  readonly nameKey: string
  /** Only names after this one, in the order of their keys. */
  readonly afterKey: string
  readonly limit: number
}

/** A user as operators see one. */
export interface UserLine {
  readonly publicId: Uint8Array
  readonly name: string
  readonly nameKey: string
  readonly createdAtMs: number
  readonly disabled: number
}

/** Users in the order of their names. */
export function usersPage(
  db: Kysely<Tables>,
  { nameKey, afterKey, limit }: UsersPageArgs,
): Promise<UserLine[]> {
  return db
    .selectFrom('users')
    .select(['public_id as publicId', 'name', 'name_key as nameKey'])
    .select(['created_at_ms as createdAtMs', 'disabled'])
    .where('name_key', '>=', nameKey)
    .where('name_key', '<', `${nameKey}\u{10ffff}`)
    .where('name_key', '>', afterKey)
    .orderBy('name_key')
    .limit(limit)
    .execute()
}
