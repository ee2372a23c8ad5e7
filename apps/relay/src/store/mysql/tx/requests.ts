import type { RequestRows } from '../../tx.ts'
import type { Work } from './work.ts'

/** Answers to repeated calls in MariaDB. Two relays that take the same call meet in the unique key. */
export function mysqlRequests(work: Work): RequestRows {
  return {
    get: (user, requestId) =>
      work.one<{ digest: Uint8Array; answer: Uint8Array }>(
        'select digest, answer from requests where user = ? and request_id = ?',
        [user, requestId],
      ),
    put(user, requestId, digest, answer) {
      work.run(
        `insert into requests (user, request_id, digest, answer, answered_at_ms)
         values (?, ?, ?, ?, ?)`,
        [user, requestId, digest, answer, work.nowMs],
      )
    },
    forgetBefore: (answeredAtMs) =>
      work.run('delete from requests where answered_at_ms < ? order by answered_at_ms limit 1000', [
        answeredAtMs,
      ]).affectedRows,
  }
}
