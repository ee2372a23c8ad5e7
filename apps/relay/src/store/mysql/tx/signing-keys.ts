import type { SigningKeyRows } from '../../chore-rows.ts'
import type { Work } from './work.ts'

/** Public keys in MariaDB. */
export function mysqlSigningKeys(work: Work): SigningKeyRows {
  return {
    seen(kid, issuer, publicJwk) {
      work.run(
        `insert into signing_keys (kid, issuer, public_jwk, seen_at_ms) values (?, ?, ?, ?)
         on duplicate key update seen_at_ms = values(seen_at_ms)`,
        [kid, issuer, publicJwk, work.nowMs],
      )
    },
    forgetBefore(seenAtMs) {
      work.run('delete from signing_keys where seen_at_ms < ?', [seenAtMs])
    },
  }
}
