import type { InvitationCodeRows } from '../../tx.ts'
import type { Work } from './work.ts'

/** Invitation codes in MariaDB, by their hashes. One that is looked at is held: it is used once. */
export function mysqlInvitationCodes(work: Work): InvitationCodeRows {
  return {
    insert(codeHash, uses, expiresAtMs) {
      const sql =
        'insert into invitation_codes (code_hash, uses_left, expires_at_ms) values (?, ?, ?)'
      work.run(sql, [codeHash, uses, expiresAtMs])
    },
    isGood: (codeHash) =>
      work.one(
        `select code_hash from invitation_codes
         where code_hash = ? and uses_left > 0 and expires_at_ms > ? for update`,
        [codeHash, work.nowMs],
      ) !== undefined,
    use(codeHash) {
      const sql = 'update invitation_codes set uses_left = uses_left - 1 where code_hash = ?'
      work.run(sql, [codeHash])
    },
    forgetExpired() {
      work.run('delete from invitation_codes where expires_at_ms <= ?', [work.nowMs])
    },
  }
}
