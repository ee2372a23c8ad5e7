import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

/** How long a key counts after its relay was there last; its tokens live for minutes. */
export const keyKeptMs = 7 * 24 * 3600 * 1000
/** The most keys that count, those in use last. */
export const maxSigningKeys = 64

export interface SigningKeysArgs {
  readonly issuer: string
  readonly nowMs: number
}

/** The public keys of an issuer that count now, as JSON. */
export async function signingKeys(
  db: Kysely<Tables>,
  { issuer, nowMs }: SigningKeysArgs,
): Promise<string[]> {
  const rows = await db
    .selectFrom('signing_keys')
    .select('public_jwk')
    .where('issuer', '=', issuer)
    .where('seen_at_ms', '>=', nowMs - keyKeptMs)
    .orderBy('seen_at_ms', 'desc')
    .orderBy('kid')
    .limit(maxSigningKeys)
    .execute()
  return rows.map((row) => row.public_jwk)
}
