import type { RequestRows } from '../../tx.ts'
import type { Sqlite } from '../open-database.ts'

/** Answers to repeated calls in SQLite. */
export function sqliteRequests(db: Sqlite, nowMs: () => number): RequestRows {
  const get = db.prepare<[number, Uint8Array], { digest: Uint8Array; answer: Uint8Array }>(
    'select digest, answer from requests where user = ? and request_id = ?',
  )
  const put = db.prepare(
    `insert into requests (user, request_id, digest, answer, answered_at_ms)
     values (?, ?, ?, ?, ?)`,
  )
  const forget = db.prepare(
    `delete from requests where (user, request_id) in
     (select user, request_id from requests where answered_at_ms < ? limit 1000)`,
  )
  return {
    get: (user, requestId) => get.get(user, requestId),
    put: (user, requestId, digest, answer) =>
      void put.run(user, requestId, digest, answer, nowMs()),
    forgetBefore: (answeredAtMs) => forget.run(answeredAtMs).changes,
  }
}
