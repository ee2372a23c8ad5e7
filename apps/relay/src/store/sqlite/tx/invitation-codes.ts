import type { InvitationCodeRows } from '../../tx.ts'
import type { Sqlite } from '../open-database.ts'

/** Invitation codes in SQLite, by their hashes. */
export function sqliteInvitationCodes(db: Sqlite, nowMs: () => number): InvitationCodeRows {
  const insert = db.prepare(
    'insert into invitation_codes (code_hash, uses_left, expires_at_ms) values (?, ?, ?)',
  )
  const use = db.prepare(
    `update invitation_codes set uses_left = uses_left - 1
     where code_hash = ? and uses_left > 0 and expires_at_ms > ?`,
  )
  const forget = db.prepare('delete from invitation_codes where expires_at_ms <= ?')
  return {
    insert: (codeHash, uses, expiresAtMs) => void insert.run(codeHash, uses, expiresAtMs),
    use: (codeHash) => use.run(codeHash, nowMs()).changes > 0,
    forgetExpired: () => void forget.run(nowMs()),
  }
}
