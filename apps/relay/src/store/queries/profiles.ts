import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** What others may read of a user. */
export interface ProfileLine {
  readonly publicId: Uint8Array
  readonly name: string
  readonly nickname: string
  readonly about: string
}

const columns = ['public_id as publicId', 'name', 'nickname', 'about'] as const

/** The user of that id or name; undefined for none and for one who is disabled. */
export function profileOf(
  db: Kysely<Tables>,
  args: { readonly userId: Uint8Array } | { readonly nameKey: string },
): Promise<ProfileLine | undefined> {
  const rows = db.selectFrom('users').select(columns).where('disabled', '=', 0)
  const one =
    'userId' in args
      ? rows.where('public_id', '=', args.userId)
      : rows.where('name_key', '=', args.nameKey)
  return one.executeTakeFirst()
}

/** Users whose names begin so, in the order of their names. */
export function findUsers(
  db: Kysely<Tables>,
  { nameKey, limit }: { readonly nameKey: string; readonly limit: number },
): Promise<ProfileLine[]> {
  return db
    .selectFrom('users')
    .select(columns)
    .where('disabled', '=', 0)
    .where('name_key', '>=', nameKey)
    .where('name_key', '<', `${nameKey}\u{10ffff}`)
    .orderBy('name_key')
    .limit(limit)
    .execute()
}
