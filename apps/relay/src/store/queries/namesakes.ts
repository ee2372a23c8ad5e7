import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** Somebody who has a name, or one that looks like it. */
export interface Namesake {
  readonly nameKey: string
  /** Argon2id in PHC form. */
  readonly password: string
  readonly disabled: boolean
}

/** Whoever has a name or one that looks like it: at most one of each. */
export async function namesakes(
  db: Kysely<Tables>,
  { nameKey, skeleton }: { readonly nameKey: string; readonly skeleton: string },
): Promise<Namesake[]> {
  const rows = await db
    .selectFrom('users')
    .select(['name_key as nameKey', 'password', 'disabled'])
    .where((is) => is.or([is('name_key', '=', nameKey), is('skeleton', '=', skeleton)]))
    .orderBy('id')
    .limit(2)
    .execute()
  return rows.map((row) => ({ ...row, disabled: row.disabled !== 0 }))
}
