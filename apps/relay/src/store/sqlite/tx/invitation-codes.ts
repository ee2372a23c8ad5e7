import type { InvitationCodeRows } from '../../tx.ts'
import type { Sqlite } from '../open-database.ts'

/** Invitation codes in SQLite, by their hashes. */
export function sqliteInvitationCodes(db: Sqlite, nowMs: () => number): InvitationCodeRows {
  const insert = db.prepare(
    'insert into invitation_codes (code_hash, uses_left, expires_at_ms) values (?, ?, ?)',
  )
  const good = db.prepare<[Uint8Array, number], { found: 1 }>(
    `select 1 as found from invitation_codes
     where code_hash = ? and uses_left > 0 and expires_at_ms > ?`,
  )
  const use = db.prepare(
    'update invitation_codes set uses_left = uses_left - 1 where code_hash = ?',
  )
  const forget = db.prepare('delete from invitation_codes where expires_at_ms <= ?')
  return {
    insert: (codeHash, uses, expiresAtMs) => void insert.run(codeHash, uses, expiresAtMs),
    isGood: (codeHash) => good.get(codeHash, nowMs()) !== undefined,
    use: (codeHash) => void use.run(codeHash),
    forgetExpired: () => void forget.run(nowMs()),
  }
}
