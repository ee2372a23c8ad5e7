import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** What a password is checked against. */
export interface Credential {
  readonly user: number
  /** Argon2id in PHC form. */
  readonly password: string
}

/** The stored password of the user of that name or number; undefined when there is none. */
export function credentialOf(
  db: Kysely<Tables>,
  args: { readonly nameKey: string } | { readonly user: number },
): Promise<Credential | undefined> {
  const rows = db.selectFrom('users').select(['id as user', 'password'])
  const one =
    'user' in args ? rows.where('id', '=', args.user) : rows.where('name_key', '=', args.nameKey)
  return one.executeTakeFirst()
}
