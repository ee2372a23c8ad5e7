import type { SigningKeyRows } from '../../chore-rows.ts'
import type { Sqlite } from '../open-database.ts'

/** Public keys in SQLite. */
export function sqliteSigningKeys(db: Sqlite, nowMs: () => number): SigningKeyRows {
  const put = db.prepare(
    'insert or replace into signing_keys (kid, issuer, public_jwk, seen_at_ms) values (?, ?, ?, ?)',
  )
  const forget = db.prepare('delete from signing_keys where seen_at_ms < ?')
  return {
    seen: (kid, issuer, publicJwk) => void put.run(kid, issuer, publicJwk, nowMs()),
    forgetBefore: (seenAtMs) => void forget.run(seenAtMs),
  }
}
